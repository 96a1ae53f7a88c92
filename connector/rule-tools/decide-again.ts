// Today's templates, rules and policy on an event of the past: the receipts of then beside those it would get
// now. Reads the database, changes nothing.
import type { DecideAgainReply } from '#shared/rule-tools.ts'
import { TicketEvent } from '#shared/ticket-event.ts'

import type { TargetRun } from '../checks/check.ts'
import { findPastEvents, orderAsCreated, pastDecisions, runsBefore } from '../db/past-events.ts'
import type { PastEvent } from '../db/past-events.ts'
import type { Queryable } from '../db/pool.ts'
import { runsOnTargets } from '../db/run-targets.ts'
import { decideEvent } from '../decide-event.ts'
import type { Policy } from '../policy.ts'
import { indexTemplates } from '../rules-of.ts'
import type { PublishedVersion } from '../templates/registry.ts'
import { withoutMasks } from './masked-values.ts'
import { diffDecisions } from './receipt-diff.ts'

/** What the decision of today rests on. */
export interface AgainDeps {
  db: Queryable
  templates: readonly PublishedVersion[]
  policy: Policy
  /** Name of the instance with this URL, or null when it is configured no more. */
  instanceOf: (source: string) => string | null
}

/** Which event; `source` null = of any instance. */
export interface AgainRequest {
  eventId: string
  source: string | null
}

/** Why there is no answer. */
export interface NoAnswer {
  ok: false
  code: 'unknown' | 'ambiguous' | 'not_configured'
  reason: string
}

/** Decides the event once more and compares. Rejects when the database does. */
export async function decideAgain(
  request: AgainRequest,
  deps: AgainDeps,
): Promise<{ ok: true; reply: DecideAgainReply } | NoAnswer> {
  const found = await findPastEvents(deps.db, request.eventId, request.source)
  const [past] = found
  if (past === undefined) return noAnswer('unknown', `there is no event ${request.eventId}`)
  if (found.length > 1) {
    const sources = found.map(({ source }) => source).join(', ')
    return noAnswer(
      'ambiguous',
      `${found.length} instances sent an event ${past.eventId}: ${sources}`,
    )
  }
  const instance = deps.instanceOf(past.source)
  if (instance === null) {
    const reason = `the event came from ${past.source}, which is not in connector.yaml`
    return noAnswer('not_configured', reason)
  }
  const { receipts, started } = await pastDecisions(deps.db, past.seq)
  const today = await decideToday(past, instance, deps)
  const after = today.runs.filter(({ steps }) => steps.length > 0).map(({ run }) => run.template)
  const reply: DecideAgainReply = {
    event_id: past.eventId,
    type: past.type,
    ticket: past.ticketNumber,
    received_at: past.receivedAt.toISOString(),
    templates: diffDecisions(receipts, today.decisions),
    runs: { before: started, after: [...new Set(after)].toSorted() },
    notes: [...notesOn(past), ...today.notes],
  }
  return { ok: true, reply }
}

function noAnswer(code: NoAnswer['code'], reason: string): NoAnswer {
  return { ok: false, code, reason }
}

async function decideToday(
  past: PastEvent,
  instance: string,
  { db, templates, policy }: AgainDeps,
): Promise<
  Pick<Awaited<ReturnType<typeof decideEvent>>, 'decisions' | 'runs'> & { notes: string[] }
> {
  const { event, published, notes } = withoutMasks(
    TicketEvent.parse(JSON.parse(past.body)),
    templates,
  )
  const { seq, ticketKey, issuer, kid, receivedAt } = past
  const facts = {
    find: (name: string) => published.find(({ template }) => template.name === name) ?? null,
    index: indexTemplates(published),
    instance,
    earlierRuns: await runsBefore(db, past),
    targetRuns: async (targets: readonly string[]) =>
      (await runsOnTargets(db, instance, targets)).flatMap((run) => asItWas(run, receivedAt) ?? []),
    policy,
    // The clock stands where it stood, so that nothing differs but templates, rules and policy.
    now: receivedAt,
    // What becomes of runs that were open then is not asked.
    openRuns: [],
    createdAs: () => orderAsCreated(db, ticketKey),
  }
  const decision = await decideEvent(
    { event, seq, ticketKey, origin: { issuer, kid, receivedAt } },
    facts,
  )
  return { decisions: decision.decisions, runs: decision.runs, notes }
}

/** A run on a target at an earlier moment; null = it was not there yet. */
function asItWas(run: TargetRun, moment: Date): TargetRun | null {
  if (run.createdAt >= moment) return null
  const startedAt = run.startedAt !== null && run.startedAt > moment ? null : run.startedAt
  if (run.finishedAt !== null && run.finishedAt <= moment) return { ...run, startedAt }
  return { ...run, startedAt, finishedAt: null, state: 'running' }
}

function notesOn({ state, receivedAt }: PastEvent): string[] {
  const clock = `Times, windows and freezes are judged as of ${receivedAt.toISOString()}, when the event came; runs that were open then count as running.`
  if (state === 'decided') return [clock]
  const why = state === 'dead' ? 'it is a dead letter' : 'it is not decided yet'
  return [clock, `The event has no receipts of its own: ${why}.`]
}
