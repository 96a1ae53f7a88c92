// GET tickets/{table}/{sys_id}/preview: which automations fit this ticket for this person, and why. The
// connector decides; nothing is written on either side.
import { gs, GlideRecord } from '@servicenow/glide'
import type { RESTAPIRequest, RESTAPIResponse } from '@servicenow/glide/sn_ws_int'

import type { PreviewReply, PreviewRequest } from '../../../shared/preview.ts'
import { callConnector } from './call-connector.ts'
import { activeConnection } from './connection.ts'
import { problemOf } from './connector-answer.ts'
import { isOver, ticketOf } from './guard.ts'
import { actorById } from './person.ts'
import { type Outcome, refusal, refuse, reply } from './rest-reply.ts'
import { runTable, type RunView, viewRun } from './run-record.ts'
import { instanceUrl } from './settings.ts'
import { asciiJson, isObject } from './text.ts'
import { buildPeople, buildTicket } from './ticket.ts'

/** Runs of the ticket the page shows at most. */
const shownRuns = 5

/** What the page gets. */
export interface PreviewPage {
  ticket: {
    table: string
    sys_id: string
    number: string
    short_description: string
    state_label: string
    /** True when nothing may be started any more. */
    over: boolean
  }
  templates: PreviewReply['templates']
  /** What kind of incident this looks like; null = nothing said so clearly enough. */
  classification: PreviewReply['classification'] | null
  /** The ticket's latest runs, newest first. */
  runs: RunView[]
}

/** Answers the route. */
export function getPreview(request: RESTAPIRequest, response: RESTAPIResponse): void {
  const page = preview(request)
  if (page.ok) reply(response, 200, page.value)
  else refuse(response, page.refusal)
}

function preview(request: RESTAPIRequest): Outcome<PreviewPage> {
  const ticket = ticketOf(request)
  if (!ticket.ok) return ticket
  const record = ticket.value
  const answer = askConnector(record)
  if (!answer.ok) return answer
  return {
    ok: true,
    value: {
      ticket: {
        table: record.getTableName(),
        sys_id: record.getUniqueValue(),
        number: record.getValue('number') || '',
        short_description: record.getValue('short_description') || '',
        state_label: record.getDisplayValue('state') || '',
        over: isOver(record),
      },
      templates: answer.value.templates,
      classification: answer.value.classification ?? null,
      runs: latestRuns(record.getUniqueValue()),
    },
  }
}

function askConnector(ticket: GlideRecord): Outcome<PreviewReply> {
  const active = activeConnection()
  if (!active.ok) return refusal(503, 'connection_unusable', active.reason)
  const question: PreviewRequest = {
    source: instanceUrl(),
    ticket: buildTicket(ticket),
    actor: actorById(gs.getUserID()),
    people: buildPeople(ticket),
  }
  const call = { method: 'POST', path: '/v1/preview', body: asciiJson(question) } as const
  const answer = callConnector(active.connection, call)
  if (!answer.ok) {
    const message = `The automation service does not answer (${answer.reason}). Try again in a minute; if it stays, tell the admin of Ticket Automation.`
    return refusal(502, 'connector_unreachable', message)
  }
  if (answer.status !== 200 || !isPreviewReply(answer.json)) {
    const reason = problemOf(answer.json, answer.status)
    const message = `The automation service refused the question (${reason}). Tell the admin of Ticket Automation.`
    return refusal(502, 'connector_refused', message)
  }
  return { ok: true, value: answer.json }
}

function latestRuns(ticketId: string): RunView[] {
  const runs = new GlideRecord(runTable)
  runs.addQuery('ticket', ticketId)
  runs.orderByDesc('sys_created_on')
  runs.setLimit(shownRuns)
  runs.query()
  const views: RunView[] = []
  while (runs.next()) views.push(viewRun(runs))
  return views
}

function isPreviewReply(json: unknown): json is PreviewReply {
  return isObject(json) && Array.isArray(json['templates'])
}
