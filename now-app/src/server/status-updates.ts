// POST status-updates: takes one signed status update of a run, in order and at most once.
import { gs, GlideRecord } from '@servicenow/glide'
import type { RESTAPIRequest, RESTAPIResponse } from '@servicenow/glide/sn_ws_int'

import type { statusSignatureHeader } from '../../../shared/signature.ts'
import type { StatusReply, StatusUpdate } from '../../../shared/status-update.ts'
import { nowMs, storedFromIso, storedTime } from './clock.ts'
import { activeConnection } from './connection.ts'
import { type Outcome, refusal, refuse, reply } from './rest-reply.ts'
import { findRun, isFinalState, isRunId, runTable } from './run-record.ts'
import { integrationUser } from './settings.ts'
import { verifyBody } from './sign.ts'
import { isObject, parseJson } from './text.ts'
import { type ChangeResult, changeTicket } from './ticket-change.ts'
import { isTicketTable } from './ticket-tables.ts'
import { hasWorkNote } from './work-note.ts'

const signatureHeader: typeof statusSignatureHeader = 'x-ticket-automation-signature'
const integrationRole = 'x_snc_ticket_auto.integration'

/** A work note claimed for less than this may still be on its way in another request. */
const noteClaimMs = 60_000

/** Answers the route. */
export function postStatusUpdate(request: RESTAPIRequest, response: RESTAPIResponse): void {
  const update = verifiedUpdate(request)
  const applied = update.ok ? applyUpdate(update.value) : update
  if (applied.ok) reply(response, 200, applied.value)
  else refuse(response, applied.refusal)
}

/** Role, user, signature and shape, in this order; nothing is parsed before it is verified. */
function verifiedUpdate(request: RESTAPIRequest): Outcome<StatusUpdate> {
  if (!gs.hasRole(integrationRole)) {
    return refusal(403, 'not_allowed', `This needs the role ${integrationRole}.`)
  }
  if (gs.getUserName() !== integrationUser()) {
    // Rules know the connector's own writes by this user; under another one they would start automations.
    const message = `"${gs.getUserName()}" is not the user of the setting integration_user.`
    return refusal(403, 'integration_user_mismatch', message)
  }
  const active = activeConnection()
  if (!active.ok) return refusal(503, 'connection_unusable', active.reason)
  const token = request.getHeader(signatureHeader) || ''
  if (!token) return refusal(401, 'signature_missing', `Header ${signatureHeader} is missing.`)
  const body = request.body.dataString || ''
  const verified = verifyBody(active.connection, token, body)
  if (!verified.ok) return signatureRefusal(verified)
  const update = parseJson(body)
  if (!isStatusUpdate(update)) {
    return refusal(400, 'body_invalid', 'The body is no status update of the contract.')
  }
  return { ok: true, value: update }
}

function signatureRefusal(verified: { code: string; detail: string }): Outcome<never> {
  // verifyBody answers with the signature codes and body_hash_mismatch alone.
  const code = verified.code as 'signature_invalid'
  return refusal(401, code, verified.detail)
}

/** Signed by the connector: what the app relies on is looked at, the rest is taken as it is. */
function isStatusUpdate(value: unknown): value is StatusUpdate {
  if (!isObject(value)) return false
  const { ticket, template, sequence, time } = value
  const parts = [value['step'], value['job'], value['output'], value['decision']]
  return (
    parts.every((part) => part === null || isObject(part)) &&
    isTicketChange(value['ticket_change']) &&
    isPlan(value['steps'], value['window']) &&
    isRunId(value['run_id']) &&
    Number.isInteger(sequence) &&
    Number(sequence) >= 1 &&
    typeof time === 'string' &&
    !Number.isNaN(Date.parse(time)) &&
    isObject(ticket) &&
    typeof ticket['table'] === 'string' &&
    isRunId(ticket['sys_id']) &&
    isObject(template) &&
    typeof template['name'] === 'string' &&
    typeof value['state'] === 'string' &&
    typeof value['message'] === 'string'
  )
}

function isTicketChange(change: unknown): boolean {
  if (change === null) return true
  if (!isObject(change)) return false
  const { work_note: note, problem } = change
  return (
    (note === undefined || isNote(note)) &&
    (problem === undefined || hasTexts(problem, ['key', 'short_description', 'description'])) &&
    ['transition', 'close_code', 'close_notes', 'assignment_group', 'approval'].every(
      (name) => change[name] === undefined || typeof change[name] === 'string',
    )
  )
}

function isNote(note: unknown): boolean {
  const commented = isObject(note) && note['comment'] !== undefined
  return hasTexts(note, ['key', 'text', ...(commented ? ['comment'] : [])])
}

function hasTexts(value: unknown, names: readonly string[]): boolean {
  return isObject(value) && names.every((name) => typeof value[name] === 'string')
}

function isPlan(steps: unknown, window: unknown): boolean {
  return (
    (steps === undefined || (Array.isArray(steps) && steps.every(isObject))) &&
    (window === undefined || window === null || isObject(window))
  )
}

function applyUpdate(update: StatusUpdate): Outcome<StatusReply> {
  const ticket = ticketOf(update)
  if (!ticket.ok) return ticket
  const run = findRun(update.run_id) ?? createRun(update)
  if (!run) return refusal(409, 'run_not_written', 'The run row could not be written.')
  if (run.getValue('ticket') !== update.ticket.sys_id) {
    return refusal(409, 'ticket_mismatch', 'The run belongs to another ticket.')
  }
  const answer = { run_id: update.run_id, sequence: update.sequence }
  const known = Number(run.getValue('sequence'))
  if (update.sequence <= known) {
    // A repeat of the last one: its first answer, with what was refused, may never have arrived.
    const refused = update.sequence === known ? storedRefusals(run) : []
    return { ok: true, value: { ...answer, status: 'stale', applied: [], refused } }
  }
  const changed = applyChange(update, run, ticket.value)
  if (!changed.ok) return changed
  run.setValue('refusals', JSON.stringify(changed.value.refused))
  writeRun(update, run)
  return { ok: true, value: { ...answer, status: 'applied', ...changed.value } }
}

function storedRefusals(run: GlideRecord): StatusReply['refused'] {
  const refused = parseJson(run.getValue('refusals') ?? '')
  // Written by this module alone.
  return Array.isArray(refused) ? (refused as StatusReply['refused']) : []
}

/** The ticket, only if id and number agree: a wrong id must never change somebody else's ticket. */
function ticketOf(update: StatusUpdate): Outcome<GlideRecord> {
  const { table, sys_id: sysId, number } = update.ticket
  if (!isTicketTable(table)) {
    return refusal(
      400,
      'table_not_supported',
      `Ticket Automation works with incidents, changes and requested items, not with "${table}".`,
    )
  }
  const ticket = new GlideRecord(table)
  if (!ticket.get('sys_id', sysId)) {
    return refusal(404, 'ticket_not_found', `There is no ${table} ${number}.`)
  }
  if (ticket.getValue('number') !== number) {
    return refusal(409, 'ticket_mismatch', `${sysId} is not ${number}.`)
  }
  return { ok: true, value: ticket }
}

/**
 * The ticket's part. A work note is claimed on the run row before it is written and ticked off after; a
 * repeat that finds a claim looks into the journal, so that a crash in between costs or doubles no note.
 */
function applyChange(
  update: StatusUpdate,
  run: GlideRecord,
  ticket: GlideRecord,
): Outcome<ChangeResult> {
  const change = update.ticket_change
  if (change === null) return { ok: true, value: { applied: [], refused: [] } }
  const note = change.work_note
  if (note === undefined) return { ok: true, value: changeTicket(ticket, change, null) }
  const keys = noteKeys(run)
  const claimed = keys[note.key]
  if (typeof claimed === 'number' && nowMs() - claimed < noteClaimMs) {
    return refusal(503, 'update_in_progress', 'The same update is being applied; repeat it later.')
  }
  const ticketId = ticket.getUniqueValue()
  const written =
    claimed === 'done' ||
    (typeof claimed === 'number' && hasWorkNote(ticketId, note.text, storedTime(claimed)))
  if (!written) storeNoteKeys(run, { ...keys, [note.key]: nowMs() })
  const result = changeTicket(ticket, change, written ? null : note)
  const applied = written ? ['work_notes', ...result.applied] : result.applied
  const settled = applied.includes('work_notes') ? { [note.key]: 'done' as const } : {}
  const { [note.key]: _claim, ...others } = noteKeys(run)
  storeNoteKeys(run, { ...others, ...settled })
  return { ok: true, value: { ...result, applied } }
}

/** Key of a work note -> `done`, or the time (ms) when it was claimed. */
type NoteKeys = Record<string, number | 'done'>

function noteKeys(run: GlideRecord): NoteKeys {
  const keys = parseJson(run.getValue('note_keys') || '{}')
  return isObject(keys) ? (keys as NoteKeys) : {}
}

function storeNoteKeys(run: GlideRecord, keys: NoteKeys): void {
  run.setValue('note_keys', JSON.stringify(keys))
  run.update()
}

/** A run that a rule started, not a person here. Another request may have been faster. */
function createRun(update: StatusUpdate): GlideRecord | null {
  const run = new GlideRecord(runTable)
  run.initialize()
  run.setValue('run_id', update.run_id)
  run.setValue('ticket', update.ticket.sys_id)
  run.setValue('ticket_table', update.ticket.table)
  run.setValue('trigger', update.trigger)
  run.setValue('sequence', 0)
  const person = new GlideRecord('sys_user')
  if (update.requested_by && person.get('user_name', update.requested_by)) {
    run.setValue('requested_by', person.getUniqueValue())
  }
  run.insert()
  return findRun(update.run_id)
}

function writeRun(update: StatusUpdate, run: GlideRecord): void {
  run.setValue('template', update.template.name)
  run.setValue('template_version', update.template.version)
  run.setValue('template_title', update.template.title)
  run.setValue('state', update.state)
  run.setValue('phase', update.phase ?? '')
  run.setValue('step', update.step?.name ?? '')
  run.setValue('step_position', update.step?.position ?? 0)
  run.setValue('step_total', update.step?.total ?? 0)
  run.setValue('progress', update.progress)
  run.setValue('message', update.message)
  run.setValue('job_id', update.job?.id ?? '')
  run.setValue('job_url', update.job?.url ?? '')
  if (update.output) {
    run.setValue('output', update.output.tail)
    run.setValue('output_omitted', update.output.omitted)
  }
  if (update.parameters) run.setValue('parameters', JSON.stringify(update.parameters, null, 2))
  if (update.decision) {
    run.setValue('decision', JSON.stringify(update.decision, null, 2))
    run.setValue('decision_summary', update.decision.summary)
  }
  if (update.steps) run.setValue('steps', JSON.stringify(update.steps))
  if (update.window !== undefined) {
    run.setValue('window_start', storedOrEmpty(update.window?.start))
    run.setValue('window_end', storedOrEmpty(update.window?.end))
  }
  const time = storedFromIso(update.time)
  if (update.state === 'running' && !run.getValue('started')) run.setValue('started', time)
  // A run that was taken for failed here may turn out to be running: then it has not finished.
  run.setValue('finished', isFinalState(update.state) ? time : '')
  run.setValue('sequence', update.sequence)
  run.update()
}

function storedOrEmpty(time: string | null | undefined): string {
  return time ? storedFromIso(time) : ''
}
