// A person at the instance without a browser: the requests that the pages themselves make, with the session's cookie
// and token.
import { randomBytes } from 'node:crypto'

import type { PreviewPage } from '../../now-app/src/server/preview.ts'
import type { RunWithPlan } from '../../now-app/src/server/run-record.ts'
import { form, send, signIn } from './plain-http.ts'
import type { Answer } from './plain-http.ts'
import { until } from './until.ts'

/** An automation as the run page offers it. */
export type Offer = PreviewPage['templates'][number]

/** A ticket. */
export interface Ticket {
  sysId: string
  number: string
  /** Absent = incident. */
  table?: string
}

/** One work note. */
export interface Note {
  /** UTC, yyyy-MM-dd HH:mm:ss. */
  at: string
  by: string
  text: string
}

/** A signed-in person. */
export interface Agent {
  userName: string
  /** Any request with this session; paths start with /. */
  call(method: string, path: string, body?: object): Promise<Answer>
  /** Values are what a form shows: names of people, groups and items, labels of choices. */
  createIncident(fields: Record<string, string>): Promise<Ticket>
  /** The same for any table. */
  create(table: string, fields: Record<string, string>): Promise<Ticket>
  /** Stored values. */
  change(ticket: Ticket, fields: Record<string, string>): Promise<void>
  /** Orders a catalog item for oneself, by the item's name; gives the requested item. */
  order(item: string, answers: Record<string, string>): Promise<Ticket>
  /** Labels of the buttons on the form, with what posts them. */
  buttons(ticket: Ticket): Promise<Map<string, string>>
  /** Presses a button of the form; gives where the browser goes next. */
  press(ticket: Ticket, label: string): Promise<string>
  preview(ticket: Ticket): Promise<PreviewPage>
  /** Starts a run with the values the form was prefilled with, but for what is given. Gives its id. */
  run(ticket: Ticket, offer: Offer, values?: Record<string, unknown>): Promise<string>
  look(runId: string): Promise<RunWithPlan>
  /** Looks until the run has ended. `watch` sees every look. */
  untilEnded(runId: string, watch?: (run: RunWithPlan) => void): Promise<RunWithPlan>
  /** Display values of a ticket. */
  read(ticket: Ticket, fields: readonly string[]): Promise<Record<string, string>>
  /** Work notes, oldest first. */
  notes(ticket: Ticket): Promise<Note[]>
}

const appBase = '/api/x_snc_ticket_auto/v1/automation'
const tableBase = '/api/now/table'

/** A run of the sample jobs takes seconds; a busy machine needs its time. */
const endLimitMs = 60_000

/** Signs in. Throws when the instance refuses. */
export async function signInAs(url: string, userName: string): Promise<Agent> {
  const session = await signIn(url, userName)
  if (session.cookie === '') throw new Error(`cannot sign in as ${userName}`)
  const headers = { Cookie: session.cookie, 'X-UserToken': session.token }

  function call(method: string, path: string, body?: object): Promise<Answer> {
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' }
    return send(url + path, {
      method,
      headers: { ...headers, ...type, Accept: 'application/json' },
      body,
    })
  }
  async function result<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await call(method, path, body)
    const value = (answer.json() as { result?: unknown }).result
    if (answer.status > 299 || value === undefined) {
      throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 2000)}`)
    }
    // The app's own routes and the Table API; callers name the shape.
    return value as T
  }

  async function buttons(ticket: Ticket): Promise<Map<string, string>> {
    const page = await send(`${url}/${tableOf(ticket)}.do?sys_id=${ticket.sysId}`, { headers })
    const found = page.text.matchAll(/name="sys_action"\s+value="([^"]+)"[^>]*>\s*([^<]+?)\s*</g)
    return new Map([...found].map(([, value = '', label = '']) => [label, value]))
  }

  const agent: Agent = {
    userName,
    call,
    createIncident: (fields) => agent.create('incident', fields),
    async create(table, fields) {
      const path = `${tableBase}/${table}?sysparm_input_display_value=true`
      const created = await result<Record<string, string>>('POST', path, fields)
      return { table, sysId: created['sys_id'] ?? '', number: created['number'] ?? '' }
    },
    async change(ticket, fields) {
      await result('PATCH', `${tableBase}/${tableOf(ticket)}/${ticket.sysId}`, fields)
    },
    async order(item, answers) {
      const [offered] = await result<Row[]>('GET', listPath('sc_cat_item', `name=${item}`))
      const path = `/api/sn_sc/servicecatalog/items/${offered?.['sys_id']}/order_now`
      const ordered = await result<Row>('POST', path, { sysparm_quantity: '1', variables: answers })
      const query = `request=${ordered['request_id']}`
      const [made] = await result<Row[]>('GET', listPath('sc_req_item', query))
      if (made === undefined) throw new Error(`"${item}" was ordered, but there is no item`)
      const { sys_id: sysId = '', number = '' } = made
      return { table: 'sc_req_item', sysId, number }
    },
    buttons,
    async press(ticket, label) {
      const action = (await buttons(ticket)).get(label)
      if (action === undefined) throw new Error(`${ticket.number} has no button "${label}"`)
      const fields = { sysparm_ck: session.token, sys_id: ticket.sysId, sys_action: action }
      const answer = await send(`${url}/${tableOf(ticket)}.do`, form(fields, headers))
      return answer.headers['location'] ?? ''
    },
    preview: (ticket) =>
      result('GET', `${appBase}/tickets/${tableOf(ticket)}/${ticket.sysId}/preview`),
    async run(ticket, offer, values = {}) {
      const prefilled = offer.parameters.map(({ name, value }) => [name, value])
      const order = {
        run_id: randomBytes(16).toString('hex'),
        template: offer.name,
        version: offer.version,
        parameters: { ...Object.fromEntries(prefilled), ...values },
      }
      const path = `${appBase}/tickets/${tableOf(ticket)}/${ticket.sysId}/runs`
      return (await result<{ run_id: string }>('POST', path, order)).run_id
    },
    look: (runId) => result('GET', `${appBase}/runs/${runId}`),
    untilEnded(runId, watch) {
      async function ended(): Promise<RunWithPlan | null> {
        const run = await agent.look(runId)
        watch?.(run)
        return run.final ? run : null
      }
      return until(`the end of run ${runId}`, ended, endLimitMs)
    },
    read(ticket, fields) {
      const query = `sysparm_display_value=true&sysparm_exclude_reference_link=true&sysparm_fields=${fields.join(',')}`
      return result('GET', `${tableBase}/${tableOf(ticket)}/${ticket.sysId}?${query}`)
    },
    async notes(ticket) {
      const query = `element_id=${ticket.sysId}^element=work_notes^ORDERBYsys_created_on`
      const entries = await result<Row[]>('GET', listPath('sys_journal_field', query))
      return entries.map((entry) => ({
        at: entry['sys_created_on'] ?? '',
        by: entry['sys_created_by'] ?? '',
        text: entry['value'] ?? '',
      }))
    },
  }
  return agent
}

type Row = Record<string, string>

function tableOf({ table }: Ticket): string {
  return table ?? 'incident'
}

function listPath(table: string, query: string): string {
  return `${tableBase}/${table}?sysparm_exclude_reference_link=true&sysparm_query=${encodeURIComponent(query)}`
}
