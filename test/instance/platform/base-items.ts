// Configuration items and the catalog of a fresh local instance.
import type { StoredRecord } from '../types.ts'
import type { Seed } from './base-data.ts'
import { questionTypes } from './catalog.ts'
import { fixedSysId } from './ids.ts'

/** Servers and services that sample tickets point to, and what may be ordered. */
export function seedItems(seed: Seed): void {
  seedServers(seed)
  seedServices(seed)
  seedRelations(seed)
  seedCatalog(seed)
}

function seedServers(seed: Seed): void {
  const unix = fixedSysId('sys_user_group:Unix Admins')
  for (const [name, environment, table] of [
    ['lnx-app-01', 'production', 'cmdb_ci_linux_server'],
    ['lnx-db-02', 'production', 'cmdb_ci_linux_server'],
    ['lnx-test-07', 'test', 'cmdb_ci_linux_server'],
    ['win-print-03', 'production', 'cmdb_ci_win_server'],
    ['lnx-test-08', 'test', 'cmdb_ci_linux_server'],
    ['lnx-test-09', 'test', 'cmdb_ci_linux_server'],
  ] as const) {
    seed(table, name, {
      name,
      environment,
      operational_status: '1',
      install_status: '1',
      support_group: unix,
      fqdn: `${name}.example.com`,
      sys_class_name: table,
    })
  }
}

function seedServices(seed: Seed): void {
  for (const [name, environment, usedFor] of [
    ['Web Shop', 'production', 'Production'],
    ['Web Shop Test', 'test', 'Test'],
  ] as const) {
    seed('cmdb_ci_service', name, {
      name,
      environment,
      used_for: usedFor,
      operational_status: '1',
      sys_class_name: 'cmdb_ci_service',
    })
  }
}

/** What each service runs on: the service is the parent, it depends on the child. */
const dependencies: readonly (readonly [string, string])[] = [
  ['Web Shop', 'lnx-app-01'],
  ['Web Shop', 'lnx-db-02'],
  ['Web Shop Test', 'lnx-test-07'],
  ['Web Shop Test', 'lnx-test-08'],
  ['Web Shop Test', 'lnx-test-09'],
]

function seedRelations(seed: Seed): void {
  for (const [service, server] of dependencies) {
    seed('cmdb_rel_ci', `${service}>${server}`, {
      parent: fixedSysId(`cmdb_ci_service:${service}`),
      child: fixedSysId(`cmdb_ci_linux_server:${server}`),
      type: 'Depends on::Used by',
    })
  }
}

/** A question in short: name, text, type, and what else its row holds. */
type Question = readonly [string, string, string, StoredRecord?]

interface Offer {
  name: string
  description: string
  category: string
  group: string
  questions: readonly Question[]
}

const mandatory: StoredRecord = { mandatory: 'true' }

const offers: readonly Offer[] = [
  {
    name: 'Restart a service',
    description: 'Restarts a service on one of your servers',
    category: 'Services',
    group: '',
    questions: [
      ['host', 'Server', questionTypes.text, mandatory],
      ['service', 'Service to restart', questionTypes.text, mandatory],
    ],
  },
  {
    name: 'New virtual machine',
    description: 'A virtual machine of your own',
    category: 'Infrastructure',
    group: 'Unix Admins',
    questions: [
      ['vm_name', 'Name of the machine', questionTypes.text, mandatory],
      ['size', 'Size', questionTypes.choice, { ...mandatory, default_value: 'small' }],
      ['disk_gb', 'Disk (GB)', questionTypes.number, { ...mandatory, default_value: '40' }],
      ['backup', 'Back it up every night', questionTypes.checkbox, { default_value: 'true' }],
      ['purpose', 'What is it for?', questionTypes.multiLine],
      ['root_password', 'First password of root', questionTypes.masked],
    ],
  },
  {
    name: 'Extend a file system',
    description: 'More room on one of your servers',
    category: 'Infrastructure',
    group: 'Unix Admins',
    questions: [
      ['server', 'Server', questionTypes.reference, { ...mandatory, reference: 'cmdb_ci_server' }],
      ['mount_point', 'File system', questionTypes.text, { ...mandatory, help_text: 'e.g. /var' }],
      ['add_gb', 'Additional room (GB)', questionTypes.number, mandatory],
    ],
  },
  {
    name: 'New shared folder',
    description: 'A folder that you share with your team',
    category: 'Infrastructure',
    group: 'Service Desk',
    questions: [
      [
        'folder_name',
        'Name of the folder',
        questionTypes.text,
        { ...mandatory, help_text: 'e.g. team-accounting' },
      ],
      ['size_gb', 'Size (GB)', questionTypes.number, { ...mandatory, default_value: '10' }],
    ],
  },
]

/** Categories that lie in others. */
const parentOf: Readonly<Record<string, string>> = { Infrastructure: 'IT Services' }

const sizes = {
  small: 'Small (1 CPU, 2 GB)',
  medium: 'Medium (2 CPU, 8 GB)',
  large: 'Large (4 CPU, 16 GB)',
}

function seedCatalog(seed: Seed): void {
  const title = 'Service Catalog'
  const catalog = seed('sc_catalog', title, { title, active: 'true' })
  for (const offer of offers) seedOffer(seed, catalog, offer)
  const question = fixedSysId('item_option_new:New virtual machine.size')
  for (const [index, [value, text]] of Object.entries(sizes).entries()) {
    const order = String((index + 1) * 100)
    seed('question_choice', `New virtual machine.size.${value}`, { question, value, text, order })
  }
}

function seedOffer(seed: Seed, catalog: string, offer: Offer): void {
  const { name, category: title } = offer
  const above = parentOf[title]
  const shared = { sc_catalog: catalog, active: 'true' }
  const parent = above === undefined ? '' : seed('sc_category', above, { title: above, ...shared })
  const category = seed('sc_category', title, { title, parent, ...shared })
  const item = seed('sc_cat_item', name, {
    name,
    short_description: offer.description,
    category,
    sc_catalogs: catalog,
    group: offer.group === '' ? '' : fixedSysId(`sys_user_group:${offer.group}`),
    active: 'true',
    sys_class_name: 'sc_cat_item',
  })
  for (const [index, [question, text, type, more = {}]] of offer.questions.entries()) {
    seed('item_option_new', `${name}.${question}`, {
      cat_item: item,
      name: question,
      question_text: text,
      type,
      mandatory: 'false',
      order: String((index + 1) * 100),
      active: 'true',
      ...more,
    })
  }
}
