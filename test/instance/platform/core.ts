// The parts of one instance, known to each other through this one object.
import type { Clock } from './clock.ts'
import type { Dictionary } from './dictionary.ts'
import type { Fields } from './fields.ts'
import type { Jobs } from './jobs.ts'
import type { Settings } from './options.ts'
import type { People } from './people.ts'
import type { Records } from './records.ts'
import type { Rights } from './rights.ts'
import type { Scripts } from './scripts.ts'
import type { Store } from './store.ts'
import type { SystemLog } from './system-log.ts'
import type { RuleEngine } from './work.ts'
import type { Writer } from './writer.ts'

/** Everything an instance consists of. */
export interface Core {
  settings: Settings
  clock: Clock
  log: SystemLog
  dictionary: Dictionary
  store: Store
  fields: Fields
  records: Records
  people: People
  rights: Rights
  rules: RuleEngine
  writer: Writer
  jobs: Jobs
  scripts: Scripts
}

/** Value of a system property, or null when there is none. */
export function property(core: Pick<Core, 'store'>, name: string): string | null {
  for (const row of core.store.rows('sys_properties')) {
    if (row['name'] === name) return row['value'] ?? ''
  }
  return null
}
