// The ticket read again before the start, compared with the event that was decided on: only what the decision
// used counts.
import type { Check } from '#shared/decision.ts'
import type { JobTemplate } from '#shared/job-template.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import { changeState } from './checks/change-state.ts'
import { fail, pass, startedByPerson } from './checks/check.ts'
import type { RunRow } from './db/runs.ts'
import type { ReadRecord, RecordQuery } from './itsm/adapter.ts'
import { withVariables } from './itsm/ticket-extras.ts'
import { lifeOf } from './processes/ticket-life.ts'
import { usedFields } from './templates/used-fields.ts'
import type { UsedFields } from './templates/used-fields.ts'

/** Fields that count whatever the template says, where the event carried them. */
const alwaysUsed = ['state', 'approval', 'active', 'cmdb_ci', 'start_date', 'end_date']

/** What every save changes, or what only ever grows. */
const neverUsed = /^(sys_updated_|sys_mod_count$|work_notes|comments)/

/** Characters of a value that are shown. */
const shownLength = 60

/** Reads the ticket's record; null = there is none, or none that may be read. */
export async function readSource(
  ticket: Ticket,
  read: (query: RecordQuery) => Promise<ReadRecord[]>,
): Promise<ReadRecord | null> {
  const [record] = await read({
    table: ticket.table,
    query: `sys_id=${ticket.sys_id}`,
    fields: ['sys_id', ...Object.keys(ticket.fields)],
    limit: 1,
  })
  return record ?? null
}

/**
 * The check for variables of an order that the decision used and that read otherwise now; null = none does. What
 * cannot be read here (masked answers, tables within the form) is not compared. Rejects when nothing can be read.
 */
export async function variablesChanged(
  decided: Decided,
  read: (query: RecordQuery) => Promise<ReadRecord[]>,
): Promise<Check | null> {
  const { ticket } = decided
  const used = usedBy(decided)
  const names = Object.keys(ticket.variables ?? {})
    .filter((name) => used.allVariables || used.variables.has(name))
    .toSorted()
  if (names.length === 0) return null
  const [again] = await withVariables({ readRecords: read }, [ticket], AbortSignal.any([]))
  const differing = names.filter((name) => {
    const now = again?.variables?.[name]?.value
    return now !== undefined && normal(now) !== normal(ticket.variables?.[name]?.value ?? '')
  })
  if (differing.length === 0) return null
  return fail('source-unchanged', {
    // What was answered may be private: only the questions are named.
    detail: `Variables of ${ticket.number} have changed since the decision: ${differing.join(', ')}.`,
    hint: 'Look at the change on the ticket, then run the automation again.',
  })
}

/** What was decided on. */
interface Decided {
  ticket: Ticket
  template: JobTemplate
  run: Pick<RunRow, 'trigger' | 'decision'>
}

/** The check `source-unchanged`: the record still holds what the decision rests on. Pure. */
export function sourceUnchanged(decided: Decided, record: ReadRecord | null): Check {
  const { ticket, run } = decided
  const again = startedByPerson(run.trigger)
    ? 'Look at the change on the ticket, then run the automation again.'
    : 'Look at the change on the ticket; if the automation should still run, start it by hand.'
  if (record === null) {
    return fail('source-unchanged', {
      detail: `${ticket.number} is not there any more, or the connector may not read it.`,
      hint: `Make sure that the integration user may read ${ticket.table}, then run the automation again.`,
    })
  }
  const names = namesOf(decided)
  const hidden = names.filter((name) => record[name] === undefined)
  if (hidden.length > 0) {
    return fail('source-unchanged', {
      detail: `The connector may not read ${hidden.join(', ')} of ${ticket.number}, on which the decision rests.`,
      hint: `Ask a platform admin to let the integration user read ${hidden.join(', ')}.`,
    })
  }
  const differences = names
    .filter((name) => name !== 'state' || usesState(decided) || !isAsGood(ticket, record))
    .flatMap((name) => differenceOf(name, { ticket, record }))
  if (differences.length > 0) {
    const detail = `${ticket.number} has changed since the decision: ${differences.join('; ')}.`
    return fail('source-unchanged', { detail, hint: again })
  }
  const same = names.filter((name) => differenceOf(name, { ticket, record }).length === 0)
  return pass('source-unchanged', `Read again before the start: ${same.join(', ')} unchanged.`)
}

function usedBy({ ticket, template, run }: Decided): UsedFields {
  const rules = (run.decision?.rules ?? []).filter(({ outcome }) => outcome === 'matched')
  return usedFields(template, { table: ticket.table, trigger: run.trigger, rules })
}

/** A rule or a parameter names the state, so that every other one is another decision. */
function usesState(decided: Decided): boolean {
  const used = usedBy(decided)
  return used.allFields || used.fields.has('state') || used.displays.has('state')
}

/** The ticket stands where it stood in its life: a change that was moved to Implement by hand is as good as before. */
function isAsGood(ticket: Ticket, record: ReadRecord): boolean {
  const fields = Object.fromEntries(
    Object.entries(ticket.fields).map(([name, field]) => [name, { ...field, ...record[name] }]),
  )
  const now = { ...ticket, fields }
  return lifeOf(now) === lifeOf(ticket) && changeState({ ticket: now })?.passed !== false
}

/** Fields to compare, those that the event carried. */
function namesOf(decided: Decided): string[] {
  const { ticket } = decided
  const used = usedBy(decided)
  const wanted = new Set([...used.fields, ...used.displays, ...alwaysUsed])
  return Object.keys(ticket.fields)
    .filter((name) => (used.allFields || wanted.has(name)) && !neverUsed.test(name))
    .toSorted()
}

function differenceOf(
  name: string,
  { ticket, record }: { ticket: Ticket; record: ReadRecord },
): string[] {
  const before = ticket.fields[name]
  const after = record[name]
  if (before === undefined || after === undefined) return []
  if (normal(before.value) === normal(after.value)) return []
  return [`${name}: ${shown(before.display ?? before.value)} -> ${shown(after.display)}`]
}

/** The Table API and the app may end lines differently. */
function normal(value: string): string {
  return value.replaceAll('\r\n', '\n').trimEnd()
}

function shown(value: string): string {
  if (value.trim() === '') return '(empty)'
  const line = value.replaceAll(/\s+/g, ' ')
  return line.length <= shownLength
    ? `"${line}"`
    : `"${line.slice(0, shownLength).toWellFormed()}…"`
}
