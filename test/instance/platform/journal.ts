// Journal fields: every write of work notes or comments is a row of sys_journal_field; the field itself
// stays empty. Rows are never changed.
import type { Column, JournalEntry, Session, StoredRecord } from '../types.ts'
import { newSysId } from './ids.ts'
import type { Store } from './store.ts'

/** Entries of a record, newest first. Rows of one second keep the order in which they were written. */
export function journalEntries(store: Store, sysId: string): JournalEntry[] {
  const entries: JournalEntry[] = []
  for (const row of store.rows('sys_journal_field')) {
    if (row['element_id'] !== sysId) continue
    entries.push({
      element: row['element'] ?? '',
      value: row['value'] ?? '',
      createdOn: row['sys_created_on'] ?? '',
      createdBy: row['sys_created_by'] ?? '',
    })
  }
  return entries.reverse()
}

/** The text getJournalEntry(-1) and display values show: newest first, one headed block per entry. */
export function journalText(store: Store, record: StoredRecord, column: Column): string {
  return journalEntries(store, record['sys_id'] ?? '')
    .filter((entry) => entry.element === column.name)
    .map(
      (entry) =>
        `${entry.createdOn} - ${nameOf(store, entry.createdBy)} (${column.label})\n${entry.value}`,
    )
    .join('\n\n')
}

function nameOf(store: Store, userName: string): string {
  for (const user of store.rows('sys_user')) {
    if (user['user_name'] === userName) return user['name'] ?? userName
  }
  return userName
}

/** Writes one entry as the session's user. */
export function addJournalEntry(
  store: Store,
  entry: { table: string; sysId: string; element: string; value: string; at: string },
  session: Pick<Session, 'userName'>,
): void {
  store.put('sys_journal_field', {
    sys_id: newSysId(),
    name: entry.table,
    element: entry.element,
    element_id: entry.sysId,
    value: entry.value,
    sys_created_on: entry.at,
    sys_created_by: session.userName,
    sys_updated_on: entry.at,
    sys_updated_by: session.userName,
    sys_mod_count: '0',
  })
}
