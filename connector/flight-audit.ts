// What the audit keeps of a run on its way: every launch and how it came out, cancels sent to the platform, the end.
// Entries wait on the flight for the save that makes them true.
import type { AuditAction, AuditEntry } from './db/audit.ts'
import type { StepRow } from './db/runs.ts'
import type { Flight } from './flight.ts'
import { actorOf, causeOf, connectorOrigin, runSubject } from './origin.ts'

/** Longest message in an entry. */
const maxMessage = 500

/** Notes something about the run, to be stored with its next save. */
export function noteRun(flight: Flight, action: AuditAction): void {
  const { state, message, template, version } = flight.run
  add(flight, action, { state, message: cut(message), template, version })
}

/** Notes something about one step's job, to be stored with the run's next save. */
export function noteStep(
  flight: Flight,
  action: AuditAction,
  { step, ...detail }: { step: StepRow } & Record<string, unknown>,
): void {
  const { id: token, position, phase, name, platform, job, job_id } = step
  add(flight, action, { position, phase, name, platform, job, token, job_id, ...detail })
}

function add(flight: Flight, action: AuditAction, detail: Record<string, unknown>): void {
  const { run } = flight
  const entry: AuditEntry = {
    actor: actorOf(run.trigger, run.requested_by),
    origin: connectorOrigin(),
    action,
    subject: runSubject(run),
    detail: { ...detail, ...causeOf(run.trigger, run.requested_by) },
  }
  flight.audit = [...(flight.audit ?? []), entry]
}

function cut(text: string): string {
  return text.slice(0, maxMessage).toWellFormed()
}
