// The system tables of the local instance, in the notation of base-tables.ts.
import type { TableSpec } from './base-tables.ts'

function spec(name: string, label: string, columns: string): TableSpec {
  return { name, label, parent: null, display: 'name', prefix: '', columns }
}

function displayedBy(display: string, table: TableSpec): TableSpec {
  return { ...table, display }
}

const dictionary = `
name | Table | string | 80
element | Column name | string | 80
column_label | Column label | string | 80
internal_type | Type | string | 40
reference | Reference | string | 80
max_length | Max length | integer
mandatory | Mandatory | boolean | | false
default_value | Default value | string | 512
display | Display | boolean | | false
choice | Choice | integer
unique | Unique | boolean | | false
read_only | Read only | boolean | | false
active | Active | boolean | | true
`

const event = `
name | Name | string | 40
parm1 | Parm1 | string | 255
parm2 | Parm2 | string | 255
queue | Queue | string | 255
state | State | string | 40 | ready
table | Table | string | 80
instance | Instance | string | 255
user_id | User ID | string | 32
user_name | User name | string | 40
process_on | Process on | glide_date_time
processed | Processed | glide_date_time
error_msg | Error message | string | 255
`

const attachment = `
file_name | File name | string | 100
content_type | Content type | string | 255
size_bytes | Size bytes | integer
table_name | Table name | string | 80
table_sys_id | Table sys ID | string | 32
hash | Hash | string | 64
compressed | Compressed | boolean | | false
data | Data | string | 100000000
`

/** The tables of the platform itself. */
export const systemTables: readonly TableSpec[] = [
  displayedBy(
    'element',
    spec(
      'sys_journal_field',
      'Journal Entry',
      `name | Name | string | 80
element | Element | string | 80
element_id | Element ID | string | 32
value | Value | string | 1000000`,
    ),
  ),
  displayedBy(
    'label',
    spec(
      'sys_choice',
      'Choice',
      `name | Table | string | 80
element | Element | string | 80
value | Value | string | 60
label | Label | string | 120
sequence | Sequence | integer
inactive | Inactive | boolean | | false
language | Language | string | 3 | en
dependent_value | Dependent value | string | 60
hint | Hint | string | 255`,
    ),
  ),
  spec(
    'sys_properties',
    'System Property',
    `name | Name | string | 100
value | Value | string | 4000
type | Type | string | 40 | string
description | Description | string | 512
suffix | Suffix | string | 100
choices | Choices | string | 4000
is_private | Private | boolean | | false
ignore_cache | Ignore cache | boolean | | false
read_roles | Read roles | string | 255
write_roles | Write roles | string | 255`,
  ),
  spec('sysevent', 'Event', event),
  displayedBy(
    'category',
    spec(
      'sys_number',
      'Number',
      `category | Table | string | 80
prefix | Prefix | string | 40
number | Number | integer
maximum_digits | Number of digits | integer | | 7`,
    ),
  ),
  displayedBy(
    'table',
    spec(
      'sys_number_counter',
      'Number Counter',
      `table | Table | string | 80
number | Number | integer`,
    ),
  ),
  displayedBy('element', spec('sys_dictionary', 'Dictionary Entry', dictionary)),
  displayedBy(
    'label',
    spec(
      'sys_db_object',
      'Table',
      `name | Name | string | 80
label | Label | string | 80
super_class | Extends table | reference | sys_db_object
is_extendable | Extensible | boolean | | true`,
    ),
  ),
  displayedBy('file_name', spec('sys_attachment', 'Attachment', attachment)),
  spec(
    'sys_scope',
    'Application',
    `name | Name | string | 100
scope | Scope | string | 40
version | Version | string | 40
active | Active | boolean | | true`,
  ),
  displayedBy(
    'to_version',
    spec(
      'sys_upgrade_history',
      'Upgrade History',
      `to_version | To | string | 255
from_version | From | string | 255
upgrade_started | Upgrade started | glide_date_time
upgrade_finished | Upgrade finished | glide_date_time`,
    ),
  ),
  spec(
    'sys_user_role',
    'Role',
    `name | Name | string | 100
description | Description | string | 1000
suffix | Suffix | string | 100
elevated_privilege | Elevated privilege | boolean | | false
grantable | Grantable | boolean | | true`,
  ),
  displayedBy(
    'role',
    spec(
      'sys_user_role_contains',
      'Contained Role',
      `role | Role | reference | sys_user_role
contains | Contains | reference | sys_user_role`,
    ),
  ),
  displayedBy(
    'user',
    spec(
      'sys_user_has_role',
      'User Role',
      `user | User | reference | sys_user
role | Role | reference | sys_user_role
inherited | Inherited | boolean | | false
state | State | string | 40 | active`,
    ),
  ),
  displayedBy(
    'group',
    spec(
      'sys_group_has_role',
      'Group Role',
      `group | Group | reference | sys_user_group
role | Role | reference | sys_user_role
inherits | Inherits | boolean | | true`,
    ),
  ),
  displayedBy(
    'approver',
    spec(
      'sysapproval_approver',
      'Approval',
      `approver | Approver | reference | sys_user
state | State | string | 40 | requested
sysapproval | Approval for | reference | task
source_table | Source table | string | 80
document_id | Approving | string | 32
comments | Comments | journal_input | 4000`,
    ),
  ),
]
