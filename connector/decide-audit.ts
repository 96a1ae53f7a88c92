// What the audit keeps of decided events: every receipt, and every change asked of a run that exists. Pure.
import type { Decision } from '#shared/decision.ts'

import type { AuditEntry } from './db/audit.ts'
import type { DecidedEvent } from './decide-store.ts'
import type { EventDecision } from './event-decision.ts'
import { actorOf, causeOf, runSubject } from './origin.ts'

/** Longest summary of a receipt in an entry; the receipt itself is stored whole with the decision. */
const maxSummary = 500

/** The entries of one event, in the order in which things follow from each other. */
export function auditOf({ event, decision, instance, actor, ticket }: DecidedEvent): AuditEntry[] {
  const by = { actor, origin: instance }
  const cause = { event: event.seq, ticket }
  function subjectOf(id: string): string {
    return runSubject({ instance, id })
  }
  return [
    ...decision.decisions.map((receipt): AuditEntry => {
      const { template, version, fits, summary } = receipt
      const run = decision.runs.find((planned) => planned.run.template === template)?.run
      const trigger = triggerOf(receipt, decision)
      return {
        ...by,
        actor: actorOf(trigger, actor),
        action: 'decision',
        subject: `ticket/${instance}/${ticket}`,
        detail: {
          event: event.seq,
          template,
          version,
          fits,
          summary: summary.slice(0, maxSummary).toWellFormed(),
          ...(run === undefined ? {} : { run: run.id, state: run.state, trigger: run.trigger }),
          ...causeOf(trigger, actor),
        },
      }
    }),
    ...decision.cancels.map(({ id, reason }): AuditEntry => {
      const detail = { ...cause, reason }
      return { ...by, action: 'run.cancel_requested', subject: subjectOf(id), detail }
    }),
    ...decision.holds.map(({ id, reason }): AuditEntry => {
      return { ...by, action: 'run.held', subject: subjectOf(id), detail: { ...cause, reason } }
    }),
    ...decision.releases.map(({ id }): AuditEntry => {
      return { ...by, action: 'run.released', subject: subjectOf(id), detail: cause }
    }),
    ...decision.replans.map(({ planned: { run } }): AuditEntry => {
      const detail = { ...cause, template: run.template, version: run.version, state: run.state }
      return { ...by, action: 'run.redecided', subject: subjectOf(run.id), detail }
    }),
  ]
}

/** What the receipt was made for: its run tells, else its rules, which were all tried for the same; else a click. */
function triggerOf(receipt: Decision, { runs, replans }: EventDecision): string {
  const planned = [...runs, ...replans.map((replan) => replan.planned)]
  const own = planned.find(({ run }) => run.decision === receipt)
  return own?.run.trigger ?? receipt.rules[0]?.trigger ?? 'manual'
}
