// Records a fresh local instance starts with: people, configuration items, choices, counters, a catalog and
// a few realistic tickets. Tickets go in through the engines, so they look as if somebody had typed them.
import type { StoredRecord } from '../types.ts'
import { choiceRows } from './base-choices.ts'
import { baseRoles, sampleGroups, samplePassword, sampleUsers } from './base-people.ts'
import type { SampleUser } from './base-people.ts'
import type { Dictionary } from './dictionary.ts'
import { fixedSysId } from './ids.ts'
import { materializeRoles } from './inherited-roles.ts'
import { hashPassword } from './secrets.ts'
import type { Store } from './store.ts'

/** Puts a row with fixed sys_id and system columns; used for base data only. */
export type Seed = (table: string, key: string, values: StoredRecord) => string

/** Writer of base rows at a fixed moment. */
export function createSeed(store: Store, at: string): Seed {
  return (table, key, values) => {
    const sysId = fixedSysId(`${table}:${key}`)
    store.put(table, {
      sys_id: sysId,
      sys_created_on: at,
      sys_created_by: 'system',
      sys_updated_on: at,
      sys_updated_by: 'system',
      sys_mod_count: '0',
      ...values,
    })
    return sysId
  }
}

/** Choices, number counters, dictionary views and the properties of the base system. */
export function seedSystem(
  seed: Seed,
  dictionary: Dictionary,
  options: { closeCodes: 'new' | 'old'; properties: Readonly<Record<string, string>> },
): void {
  for (const [name, element, value, label, sequence] of choiceRows(options.closeCodes)) {
    const row = { name, element, value, label, sequence: String(sequence), language: 'en' }
    seed('sys_choice', `${name}.${element}.${value}`, { ...row, inactive: 'false' })
  }
  for (const [name, value] of Object.entries(options.properties)) {
    seed('sys_properties', name, { name, value, type: 'string' })
  }
  for (const name of dictionary.names()) seedDictionary(seed, dictionary, name)
}

function seedDictionary(seed: Seed, dictionary: Dictionary, name: string): void {
  const declaration = dictionary.declaration(name)
  if (!declaration) return
  const parent =
    declaration.parent === null ? '' : fixedSysId(`sys_db_object:${declaration.parent}`)
  seed('sys_db_object', name, { name, label: declaration.label, super_class: parent })
  if (declaration.prefix !== '') {
    const start = name === 'incident' ? '10000' : '30000'
    seed('sys_number', name, { category: name, prefix: declaration.prefix, maximum_digits: '7' })
    seed('sys_number_counter', name, { table: name, number: start })
  }
  for (const one of declaration.columns) {
    seed('sys_dictionary', `${name}.${one.name}`, {
      name,
      element: one.name,
      column_label: one.label,
      internal_type: one.type,
      reference: one.reference ?? '',
      max_length: String(one.maxLength),
      mandatory: String(one.mandatory),
      default_value: one.defaultValue,
      active: 'true',
    })
  }
}

/** Base roles, groups and users; roles are granted once the app's are known (seedUserRoles). */
export function seedPeople(seed: Seed, extra: readonly SampleUser[]): void {
  for (const name of Object.keys(baseRoles)) seed('sys_user_role', name, { name })
  for (const [role, contained] of Object.entries(baseRoles)) {
    for (const name of contained) {
      const row = {
        role: fixedSysId(`sys_user_role:${role}`),
        contains: fixedSysId(`sys_user_role:${name}`),
      }
      seed('sys_user_role_contains', `${role}>${name}`, row)
    }
  }
  for (const name of sampleGroups) seed('sys_user_group', name, { name, active: 'true' })
  for (const user of [...sampleUsers, ...extra]) seedUser(seed, user)
}

function seedUser(seed: Seed, user: SampleUser): void {
  const [first = '', ...last] = user.name.split(' ')
  const sysId = seed('sys_user', user.userName, {
    user_name: user.userName,
    first_name: first,
    last_name: last.join(' '),
    name: user.name,
    email: `${user.userName}@example.com`,
    user_password: hashPassword(samplePassword),
    title: user.title ?? '',
    vip: String(user.vip ?? false),
    active: 'true',
    locked_out: 'false',
    web_service_access_only: String(user.webServiceOnly ?? false),
    identity_type: user.webServiceOnly ? 'machine' : 'human',
    sys_class_name: 'sys_user',
  })
  for (const name of user.groups ?? []) {
    const group = fixedSysId(`sys_user_group:${name}`)
    seed('sys_user_grmember', `${user.userName}>${name}`, { user: sysId, group })
  }
}

/** Grants the sample users their roles; roles that no installed app defines are left out. */
export function seedUserRoles(
  seed: Seed,
  extra: readonly SampleUser[],
  { store, roleId }: { store: Store; roleId: (name: string) => string | null },
): void {
  for (const user of [...sampleUsers, ...extra]) {
    const sysId = fixedSysId(`sys_user:${user.userName}`)
    for (const name of user.roles) {
      const role = roleId(name)
      const row = { user: sysId, role: role ?? '', state: 'active', inherited: 'false' }
      if (role !== null) seed('sys_user_has_role', `${user.userName}>${name}`, row)
    }
    materializeRoles(store, sysId)
  }
}

/** Sample incidents as a service desk would write them. */
export function sampleIncidents(): readonly StoredRecord[] {
  const caller = fixedSysId('sys_user:carla.caller')
  const unix = fixedSysId('sys_user_group:Unix Admins')
  const desk = fixedSysId('sys_user_group:Service Desk')
  const app = fixedSysId('cmdb_ci_linux_server:lnx-app-01')
  const db = fixedSysId('cmdb_ci_linux_server:lnx-db-02')
  const print = fixedSysId('cmdb_ci_win_server:win-print-03')
  const abel = fixedSysId('sys_user:abel.agent')
  return [
    ticket('Disk /var is 97 % full on lnx-app-01', {
      category: 'hardware',
      subcategory: 'disk',
      impact: '2',
      urgency: '1',
      cmdb_ci: app,
      assignment_group: unix,
      assigned_to: abel,
    }),
    ticket('Service nginx does not answer on lnx-app-01', {
      category: 'software',
      impact: '1',
      urgency: '1',
      cmdb_ci: app,
      assignment_group: unix,
    }),
    ticket('Database backup of lnx-db-02 failed last night', {
      category: 'database',
      impact: '2',
      urgency: '2',
      cmdb_ci: db,
      assignment_group: unix,
    }),
    ticket('VPN drops every ten minutes', {
      category: 'network',
      subcategory: 'vpn',
      caller_id: caller,
      assignment_group: desk,
    }),
    ticket('Print queue on win-print-03 is stuck', {
      category: 'hardware',
      urgency: '2',
      cmdb_ci: print,
      assignment_group: desk,
      assigned_to: abel,
      state: '2',
    }),
    ticket('Account locked after holiday', {
      category: 'inquiry',
      caller_id: caller,
      assignment_group: desk,
    }),
  ]
  function ticket(short: string, values: StoredRecord): StoredRecord {
    return { short_description: short, caller_id: caller, contact_type: 'phone', ...values }
  }
}
