// The before engines of the base system, between the two halves of the before rules (servicenow-runtime.md §3):
// defaults, number, state mirror, priority lookup, data policy, active flag, change states. Pure over the
// record being written, except for the number counter.
import type { StoredRecord } from '../types.ts'
import { closeStates, priorityLookup } from './base-choices.ts'
import { runChangeEngine } from './change-engine.ts'
import type { Dictionary } from './dictionary.ts'
import type { Store } from './store.ts'

/** A write as the engines see it. `current` is changed in place. */
export interface EngineWork {
  table: string
  operation: 'insert' | 'update' | 'delete'
  current: StoredRecord
  /** Before this write; null on insert. */
  previous: StoredRecord | null
  userSysId: string
  at: string
}

/** Why the engines refuse a write: text for the Table API. */
export interface EngineRefusal {
  detail: string
}

interface Sources {
  dictionary: Dictionary
  store: Store
}

/** Runs the engines; null = go on. */
export function runEngines(sources: Sources, work: EngineWork): EngineRefusal | null {
  if (work.operation === 'delete' || !sources.dictionary.ancestry(work.table).includes('task')) {
    if (work.operation === 'insert') assignNumber(sources, work)
    return null
  }
  assignNumber(sources, work)
  if (work.operation === 'insert') openTask(work)
  if (work.table === 'incident') incident(sources.dictionary, work)
  const jump = work.table === 'change_request' ? runChangeEngine(work) : null
  const key = `${work.current['impact']},${work.current['urgency']}`
  const priority = priorityLookup[key]
  if (priority !== undefined && work.table !== 'sc_req_item') work.current['priority'] = priority
  if (work.current['assigned_to'] !== (work.previous?.['assigned_to'] ?? ''))
    countReassignment(work)
  activeState(work)
  return jump ?? dataPolicy(sources.dictionary, work)
}

function assignNumber({ dictionary, store }: Sources, work: EngineWork): void {
  const prefix = dictionary.declaration(work.table)?.prefix ?? ''
  if (prefix === '' || work.operation !== 'insert' || (work.current['number'] ?? '') !== '') return
  work.current['number'] = nextNumber(store, work.table, prefix)
}

function nextNumber(store: Store, table: string, prefix: string): string {
  for (const row of store.rows('sys_number_counter')) {
    if (row['table'] !== table) continue
    const next = String(Number(row['number']) + 1)
    store.put('sys_number_counter', { ...row, number: next })
    return prefix + next.padStart(7, '0')
  }
  return ''
}

function openTask({ current, at, userSysId }: EngineWork): void {
  current['opened_at'] ||= at
  current['opened_by'] ||= userSysId
}

function changed(work: EngineWork, field: string): boolean {
  return (work.current[field] ?? '') !== (work.previous?.[field] ?? '')
}

function incident(dictionary: Dictionary, work: EngineWork): void {
  const { current, previous } = work
  if (previous === null) {
    // An insert sets one of the two; the other one still has its default.
    if (current['state'] === '1') current['state'] = current['incident_state'] ?? '1'
  } else if (!changed(work, 'state') && changed(work, 'incident_state')) {
    current['state'] = current['incident_state'] ?? ''
  }
  current['incident_state'] = current['state'] ?? ''
  if (current['state'] !== '3') current['hold_reason'] = ''
  awaitedCaller(work)
  const codes = dictionary.table('incident')?.columns.get('close_code')?.choices ?? []
  const code = current['close_code'] ?? ''
  // A resolution code that is not in the list is blanked, and then misses in the data policy.
  if (code !== '' && !codes.some((one) => one.value === code)) current['close_code'] = ''
  if (!changed(work, 'state')) return
  const wasResolved = ['6', '7'].includes(previous?.['state'] ?? '')
  if (['6', '7'].includes(current['state'] ?? '') && !wasResolved) {
    current['resolved_at'] ||= work.at
    current['resolved_by'] ||= work.userSysId
  } else if (wasResolved && ['1', '2', '3'].includes(current['state'] ?? '')) {
    current['reopen_count'] = String(Number(current['reopen_count'] || '0') + 1)
    current['reopened_time'] = work.at
    current['resolved_at'] = ''
    current['resolved_by'] = ''
  }
}

/** A comment of the caller takes an incident that waits for the caller back into progress. */
function awaitedCaller({ current, previous, userSysId }: EngineWork): void {
  if (previous === null || current['hold_reason'] !== '1' || previous['hold_reason'] !== '1') return
  if ((current['comments'] ?? '') === '' || userSysId !== current['caller_id']) return
  current['state'] = '2'
  current['incident_state'] = '2'
  current['hold_reason'] = ''
}

function countReassignment({ current, previous }: EngineWork): void {
  if (previous === null || previous['assigned_to'] === '') return
  current['reassignment_count'] = String(Number(current['reassignment_count'] || '0') + 1)
}

/** Task Active State Management: `active` follows the close states when the state changes. */
function activeState(work: EngineWork): void {
  if (!changed(work, 'state')) return
  const closing = closeStates[work.table] ?? closeStates['task'] ?? []
  const closed = closing.includes(work.current['state'] ?? '')
  work.current['active'] = String(!closed)
  work.current['closed_at'] = closed ? work.current['closed_at'] || work.at : ''
  work.current['closed_by'] = closed ? work.current['closed_by'] || work.userSysId : ''
}

/** Resolving or closing needs a code and notes, whoever asks (data policy of the base system). */
function dataPolicy(dictionary: Dictionary, work: EngineWork): EngineRefusal | null {
  const needs: Readonly<Record<string, readonly string[]>> = {
    incident: ['6', '7'],
    change_request: ['3'],
  }
  if (!needs[work.table]?.includes(work.current['state'] ?? '')) return null
  const columns = dictionary.table(work.table)?.columns
  const missing = ['close_code', 'close_notes']
    .filter((field) => (work.current[field] ?? '') === '')
    .map((field) => columns?.get(field)?.label ?? field)
  if (missing.length === 0) return null
  const verb = missing.length === 1 ? 'is' : 'are'
  return { detail: `Data Policy Exception: ${missing.join(', ')} ${verb} mandatory` }
}
