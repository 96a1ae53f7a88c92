// Routes of a run for the page: start, look, cancel. Nothing is sent from here: a request is a run row and
// an outbox row.
import { gs, GlideRecord, GlideRecordSecure } from '@servicenow/glide'
import type { RESTAPIRequest, RESTAPIResponse } from '@servicenow/glide/sn_ws_int'

import type { PublishedTemplate } from '../../../shared/job-template.ts'
import type { RunState } from '../../../shared/status-update.ts'
import type { ParameterValues } from '../../../shared/ticket-event.ts'
import { isOver, readableTicket, ticketOf, writableTicket } from './guard.ts'
import { enqueue } from './outbox.ts'
import { checkParameters } from './parameter-rules.ts'
import { bodyOf, type Outcome, pathParameter, refusal, refuse, reply } from './rest-reply.ts'
import { findRun, isFinalState, isRunId, isTrue, runTable, viewRunWithPlan } from './run-record.ts'
import { findTemplate, syncTemplates } from './templates.ts'
import { carriable, isObject } from './text.ts'

/** What stands in a run row for a secret value. */
const mask = '********'

/** POST tickets/{table}/{sys_id}/runs {run_id?, template, version, parameters} */
export function postRun(request: RESTAPIRequest, response: RESTAPIResponse): void {
  const created = createRun(request)
  if (created.ok) reply(response, 201, { run_id: created.value })
  else refuse(response, created.refusal)
}

/** GET runs/{run_id} */
export function getRun(request: RESTAPIRequest, response: RESTAPIResponse): void {
  const run = readableRun(request)
  if (run.ok) reply(response, 200, viewRunWithPlan(run.value.run))
  else refuse(response, run.refusal)
}

/** POST runs/{run_id}/cancel. Asking twice is the same as asking once. */
export function postCancel(request: RESTAPIRequest, response: RESTAPIResponse): void {
  const found = readableRun(request)
  if (!found.ok) {
    refuse(response, found.refusal)
    return
  }
  const { run } = found.value
  const ticket = writableTicket({ ok: true, value: found.value.ticket })
  if (!ticket.ok) {
    refuse(response, ticket.refusal)
    return
  }
  if (isFinalState(run.getValue('state'))) {
    refuse(response, {
      status: 409,
      code: 'run_finished',
      message: 'The run has ended already; there is nothing to cancel.',
    })
    return
  }
  if (!isTrue(run.getValue('cancel_requested')) && !requestCancel(run, ticket.value)) {
    refuse(response, {
      status: 503,
      code: 'cancel_not_written',
      message: 'The cancel could not be written to the outbox. Try again in a minute.',
    })
    return
  }
  reply(response, 202, viewRunWithPlan(run))
}

/** The outbox row first: a run that says "cancel requested" without one could never be cancelled. */
function requestCancel(run: GlideRecord, ticket: GlideRecord): boolean {
  const written = enqueue({
    type: 'run.cancel_requested',
    ticket,
    actor: gs.getUserID(),
    run: {
      sysId: run.getUniqueValue(),
      request: { id: run.getValue('run_id') || '', reason: '' },
      secrets: {},
    },
  })
  if (!written) return false
  run.setValue('cancel_requested', true)
  run.update()
  return true
}

function createRun(request: RESTAPIRequest): Outcome<string> {
  const found = writableTicket(ticketOf(request))
  if (!found.ok) return found
  const ticket = found.value
  const body = bodyOf(request)
  if (!body.ok) return body
  const runId = body.value['run_id'] ?? gs.generateGUID()
  if (!isRunId(runId)) return refusal(400, 'body_invalid', 'run_id must be 32 hex digits.')
  // The page makes the id, so that a repeated request (a second click, a lost answer) starts nothing new.
  if (findRun(runId)) return repeated(runId, ticket)
  if (isOver(ticket)) {
    return refusal(409, 'ticket_closed', 'The ticket is resolved or closed; reopen it first.')
  }
  const template = requestedTemplate(body.value)
  if (!template.ok) return template
  const { parameters = {} } = body.value
  if (!isObject(parameters)) {
    return refusal(400, 'body_invalid', 'parameters must be an object of name and value.')
  }
  const errors = checkParameters(template.value.parameters, parameters)
  if (errors.length > 0) {
    const message = errors.map((error) => error.message).join(' ')
    return { ok: false, refusal: { status: 422, code: 'parameters_invalid', message, errors } }
  }
  return writeRun({ runId, ticket, template: template.value, values: cleanValues(parameters) })
}

function repeated(runId: string, ticket: GlideRecord): Outcome<string> {
  const run = findRun(runId)
  const same =
    run?.getValue('ticket') === ticket.getUniqueValue() &&
    run.getValue('requested_by') === gs.getUserID()
  return same
    ? { ok: true, value: runId }
    : refusal(409, 'ticket_mismatch', 'This run id belongs to another request.')
}

/** The template the person saw; when it is unknown here the list is read once more. */
function requestedTemplate(body: Record<string, unknown>): Outcome<PublishedTemplate> {
  const { template: name, version } = body
  if (typeof name !== 'string' || typeof version !== 'number') {
    return refusal(400, 'body_invalid', 'template (text) and version (number) are needed.')
  }
  let template = findTemplate(name, version)
  if (!template) {
    const synced = syncTemplates()
    if (!synced.ok) return synced
    template = findTemplate(name, version)
  }
  if (!template) {
    const message = 'The automation has changed since you opened this page. Reload and look again.'
    return refusal(409, 'template_changed', message)
  }
  if (template.problem) {
    return refusal(409, 'template_broken', `The automation cannot run: ${template.problem}`)
  }
  return { ok: true, value: template }
}

interface NewRun {
  runId: string
  ticket: GlideRecord
  template: PublishedTemplate
  values: ParameterValues
}

function writeRun(request: NewRun): Outcome<string> {
  const { runId, ticket, template, values } = request
  const { open, secret } = splitSecrets(template, values)
  const run = new GlideRecord(runTable)
  run.initialize()
  run.setValue('run_id', runId)
  run.setValue('ticket', ticket.getUniqueValue())
  run.setValue('ticket_table', ticket.getTableName())
  run.setValue('template', template.name)
  run.setValue('template_version', template.version)
  run.setValue('template_title', template.title)
  run.setValue('trigger', 'manual')
  const state: RunState = 'requested'
  run.setValue('state', state)
  run.setValue('message', 'The request is on its way.')
  run.setValue('requested_by', gs.getUserID())
  run.setValue('parameters', JSON.stringify({ ...open, ...masked(secret) }, null, 2))
  const runSysId = run.insert()
  if (!runSysId) {
    // The run id is unique: of two clicks at the same time the slower one ends here, as a repeat.
    if (findRun(runId)) return repeated(runId, ticket)
    return refusal(409, 'run_not_written', `The run was not written: ${run.getLastErrorMessage()}`)
  }
  const sent = enqueue({
    type: 'run.requested',
    ticket,
    actor: gs.getUserID(),
    run: {
      sysId: runSysId,
      request: {
        id: runId,
        template: template.name,
        version: template.version,
        parameters: open,
      },
      secrets: secret,
    },
  })
  if (sent) return { ok: true, value: runId }
  run.deleteRecord()
  return refusal(409, 'run_not_written', 'The request could not be written to the outbox.')
}

function splitSecrets(
  template: PublishedTemplate,
  values: ParameterValues,
): { open: ParameterValues; secret: ParameterValues } {
  const open: ParameterValues = {}
  const secret: ParameterValues = {}
  for (const { name, type } of template.parameters) {
    const value = values[name]
    if (value === undefined) continue
    if (type === 'secret') secret[name] = value
    else open[name] = value
  }
  return { open, secret }
}

function masked(secret: ParameterValues): ParameterValues {
  return Object.fromEntries(Object.keys(secret).map((name) => [name, mask]))
}

/** Text that can cross the border; checkParameters has seen the types. */
function cleanValues(values: Record<string, unknown>): ParameterValues {
  const clean: ParameterValues = {}
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string') clean[name] = carriable(value)
    if (typeof value === 'number' || typeof value === 'boolean') clean[name] = value
    if (value === null) clean[name] = null
  }
  return clean
}

/** The run of the path and its ticket, if this agent may read both. */
function readableRun(request: RESTAPIRequest): Outcome<{ run: GlideRecord; ticket: GlideRecord }> {
  const runId = pathParameter(request, 'run_id')
  const run = new GlideRecordSecure(runTable)
  if (!isRunId(runId) || !run.get('run_id', runId) || !run.canRead()) {
    return refusal(404, 'run_not_found', 'There is no such run, or you may not read it.')
  }
  const ticket = readableTicket(run.getValue('ticket_table'), run.getValue('ticket'))
  if (!ticket.ok) return ticket
  // The update of a cancel is the app's own write; ACLs have been asked above.
  const writable = findRun(runId)
  return { ok: true, value: { run: writable ?? run, ticket: ticket.value } }
}
