// The service catalog and foundation tables of the local instance, in the notation of base-tables.ts.
import type { TableSpec } from './base-tables.ts'

function spec(name: string, label: string, columns: string): TableSpec {
  return { name, label, parent: null, display: 'name', prefix: '', columns }
}

function displayedBy(display: string, table: TableSpec): TableSpec {
  return { ...table, display }
}

/** Catalog and foundation tables. */
export const catalogTables: readonly TableSpec[] = [
  displayedBy(
    'title',
    spec(
      'sc_catalog',
      'Catalog',
      `title | Title | string | 100
description | Description | string | 1000
active | Active | boolean | | true`,
    ),
  ),
  displayedBy(
    'title',
    spec(
      'sc_category',
      'Category',
      `title | Title | string | 100
description | Description | string | 1000
sc_catalog | Catalog | reference | sc_catalog
parent | Parent | reference | sc_category
active | Active | boolean | | true`,
    ),
  ),
  spec(
    'sc_cat_item',
    'Catalog Item',
    `name | Name | string | 100
short_description | Short description | string | 200
description | Description | html | 8000
category | Category | reference | sc_category
group | Fulfillment group | reference | sys_user_group
sc_catalogs | Catalogs | glide_list | sc_catalog
price | Price | price | 20
active | Active | boolean | | true
order | Order | integer
sys_class_name | Class | sys_class_name | 80`,
  ),
  displayedBy(
    'sc_cat_item',
    spec(
      'sc_cat_item_catalog',
      'Catalog Item Catalog',
      `sc_cat_item | Catalog item | reference | sc_cat_item
sc_catalog | Catalog | reference | sc_catalog`,
    ),
  ),
  displayedBy(
    'question_text',
    spec(
      'item_option_new',
      'Variable',
      `cat_item | Catalog item | reference | sc_cat_item
name | Name | string | 100
question_text | Question | string | 1000
type | Type | integer | | 6
mandatory | Mandatory | boolean | | false
order | Order | integer
default_value | Default value | string | 1000
reference | Reference | string | 80
help_text | Help text | string | 4000
active | Active | boolean | | true`,
    ),
  ),
  displayedBy(
    'text',
    spec(
      'question_choice',
      'Question Choice',
      `question | Question | reference | item_option_new
value | Value | string | 255
text | Text | string | 1000
order | Order | integer
inactive | Inactive | boolean | | false`,
    ),
  ),
  displayedBy(
    'item_option_new',
    spec(
      'sc_item_option',
      'Options',
      `item_option_new | Question | reference | item_option_new
value | Value | string | 65000
order | Order | integer
cart_item | Cart item | string | 32`,
    ),
  ),
  displayedBy(
    'request_item',
    spec(
      'sc_item_option_mtom',
      'Item Option Ownership',
      `request_item | Parent item | reference | sc_req_item
sc_item_option | Dependent item option | reference | sc_item_option`,
    ),
  ),
  spec('core_company', 'Company', 'name | Name | string | 80'),
  spec('cmn_location', 'Location', 'name | Name | string | 100'),
  spec('cmn_department', 'Department', 'name | Name | string | 100'),
  spec('chg_model', 'Change Model', 'name | Name | string | 100'),
]
