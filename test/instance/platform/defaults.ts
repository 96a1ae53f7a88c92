// Default values of new records, from the dictionary.
import type { Session, StoredRecord } from '../types.ts'
import { toStored } from './clock.ts'
import type { Clock } from './clock.ts'
import type { Dictionary } from './dictionary.ts'
import type { SystemLog } from './system-log.ts'

/** Defaults of every column of a table; scripted defaults only as far as the base system's common ones. */
export function defaultValues(
  { dictionary, clock, log }: { dictionary: Dictionary; clock: Clock; log: SystemLog },
  table: string,
  session: Session,
): StoredRecord {
  const values: StoredRecord = {}
  for (const column of dictionary.table(table)?.columns.values() ?? []) {
    const given = column.defaultValue
    if (given === '') continue
    if (!given.startsWith('javascript:')) {
      values[column.name] = given
      continue
    }
    const code = given.slice('javascript:'.length).replace(/[;\s]+$/, '')
    const known: Readonly<Record<string, string>> = {
      'gs.getUserID()': session.userSysId,
      'gs.getUserName()': session.userName,
      'gs.nowDateTime()': toStored(clock.now()),
    }
    const value = known[code]
    if (value === undefined)
      log.add('warn', table, `default of ${table}.${column.name} not emulated: ${code}`)
    else values[column.name] = value
  }
  return values
}
