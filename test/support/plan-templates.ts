// A change with a plan of several steps, for tests of the road: hosts in batches, checks before and after, and
// what undoes each step.
import type { Ticket, TicketEvent } from '#shared/ticket-event.ts'

import { makeEvent, randomHex, testActor } from './events.ts'

/** The job names of the template, in the order of one batch. */
export const patchHosts = {
  name: 'patch-hosts',
  title: 'Patch hosts',
  description: 'Patches hosts, some at a time.',
  platform: 'memory',
  pre_checks: [{ name: 'Look', job: 'look' }],
  steps: [
    { name: 'Drain', job: 'drain', rollback: { job: 'fill' } },
    { name: 'Patch', job: 'patch', rollback: { job: 'unpatch' } },
  ],
  post_checks: [{ name: 'Verify', job: 'verify' }],
  targets: { parameter: 'hosts', first: 1, each: 2 },
  match: [{ table: 'change_request', when: 'short_descriptionLIKEpatch', trigger: ['manual'] }],
  parameters: [
    { name: 'hosts', type: 'string', label: 'Hosts' },
    { name: 'token', type: 'secret', label: 'Token' },
  ],
}

/** A normal, approved change with an open window. */
export function makeChange(fields: Record<string, string> = {}): Ticket {
  const sysId = randomHex()
  const values = {
    short_description: 'Please patch our hosts',
    type: 'normal',
    state: '-2',
    active: 'true',
    approval: 'approved',
    start_date: stored(new Date(Date.now() - 3_600_000)),
    end_date: stored(new Date(Date.now() + 8 * 3_600_000)),
    ...fields,
  }
  return {
    table: 'change_request',
    sys_id: sysId,
    number: `CHG${String(Number.parseInt(sysId.slice(0, 6), 16)).padStart(7, '0')}`,
    fields: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, { type: typeOf(name), value }]),
    ),
  }
}

/** A moment as the instance stores it: UTC, to the second. */
export function stored(moment: Date): string {
  return moment.toISOString().slice(0, 19).replace('T', ' ')
}

/** A click on Run automation, and the id of its run. */
export function requestFor(
  ticket: Ticket,
  template: string,
  parameters: Record<string, string>,
): { event: TicketEvent; runId: string } {
  const runId = randomHex()
  const run = { id: runId, template, version: 1, parameters }
  const data = { ticket, actor: testActor, people: {}, run }
  const subject = `${ticket.table}/${ticket.number}`
  return { runId, event: makeEvent({ type: 'run.requested', subject, data }) }
}

/** The cancel of a run by the same person. */
export function cancelFor({ event, runId }: { event: TicketEvent; runId: string }): TicketEvent {
  const { ticket, actor, people } = event.data
  const data = { ticket, actor, people, run: { id: runId, reason: 'not needed' } }
  return makeEvent({ type: 'run.cancel_requested', subject: event.subject, data })
}

function typeOf(name: string): string {
  if (name.endsWith('_date')) return 'glide_date_time'
  if (name === 'active') return 'boolean'
  if (name === 'cmdb_ci') return 'reference'
  return name === 'state' ? 'integer' : 'string'
}
