// What a check looks at, for tests: an agent who runs a template by hand for an open incident.
import type { Check } from '#shared/decision.ts'
import type { Ticket, TicketField } from '#shared/ticket-event.ts'

import type { CheckContext, TargetRun } from '../../connector/checks/check.ts'
import { makeChecks } from '../../connector/checks/index.ts'
import { defaultPolicy, Policy } from '../../connector/policy.ts'
import { makeTicket, testActor } from './events.ts'
import { makeTemplate } from './templates.ts'

/** The moment of all these tests. */
export const testNow = new Date('2026-06-10T12:00:00Z')

/** A context in which every check passes; what is given replaces what stands here. */
export function makeContext(overrides: Partial<CheckContext> = {}): CheckContext {
  return {
    trigger: 'manual',
    ticket: makeTicket(),
    actor: testActor,
    people: {},
    template: makeTemplate(),
    version: 3,
    templateProblem: null,
    requestedVersion: overrides.trigger === undefined || overrides.trigger === 'manual' ? 3 : null,
    parameterProblems: [],
    earlierRuns: [],
    now: testNow,
    instance: 'acme',
    origin: { issuer: 'acme', kid: 'acme-2026', receivedAt: new Date('2026-06-10T11:59:59Z') },
    subject: null,
    targets: [],
    targetRuns: [],
    binding: null,
    policy: defaultPolicy,
    ...overrides,
  }
}

/** One check of the context by name; null = it does not apply. Throws when the registry makes it twice. */
export function checkOf(name: string, overrides: Partial<CheckContext> = {}): Check | null {
  const found = makeChecks(makeContext(overrides)).filter(({ check }) => check === name)
  if (found.length > 1) throw new Error(`${name} is made ${found.length} times`)
  return found[0] ?? null
}

/** Names of the checks that do not pass. */
export function failedOf(overrides: Partial<CheckContext>): string[] {
  return makeChecks(makeContext(overrides))
    .filter(({ passed }) => !passed)
    .map(({ check }) => check)
}

/** The incident with further or other fields: a text stands for a string field. */
export function incidentWith(fields: Record<string, string | TicketField>): Ticket {
  const ticket = makeTicket()
  for (const [name, value] of Object.entries(fields)) {
    ticket.fields[name] = typeof value === 'string' ? { type: 'string', value } : value
  }
  return ticket
}

/** An approved normal change, scheduled for 2026-06-10 14:00 to 16:00 UTC, with further or other fields. */
export function changeWith(fields: Record<string, string | TicketField> = {}): Ticket {
  const ticket = incidentWith({
    state: { type: 'integer', value: '-2', display: 'Scheduled' },
    type: 'normal',
    approval: 'approved',
    start_date: { type: 'glide_date_time', value: '2026-06-10 14:00:00' },
    end_date: { type: 'glide_date_time', value: '2026-06-10 16:00:00' },
    ...fields,
  })
  return { ...ticket, table: 'change_request', number: 'CHG0030001' }
}

/** The policy of a connector.yaml with this section. */
export function policyOf(section: Record<string, unknown>): Policy {
  return Policy.parse(section)
}

/** A run of the template on web-01 that ended well an hour ago; what is given replaces what stands here. */
export function targetRun(overrides: Partial<TargetRun> = {}): TargetRun {
  return {
    target: 'web-01',
    id: 'a'.repeat(32),
    template: 'free-disk-space',
    ticketTable: 'incident',
    ticketNumber: 'INC0000009',
    state: 'succeeded',
    createdAt: new Date('2026-06-10T10:50:00Z'),
    startedAt: new Date('2026-06-10T10:51:00Z'),
    windowStart: null,
    finishedAt: new Date('2026-06-10T11:00:00Z'),
    ...overrides,
  }
}
