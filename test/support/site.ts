// A company's site for tests with connector processes: settings, templates and jobs in folders of their own, a
// sender that repeats events as the app's outbox does, and proof of what the jobs did.
import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { stringify } from 'yaml'

import type { TicketEvent } from '#shared/ticket-event.ts'

import { testEnv, testInstance } from './config.ts'
import type { ConnectorOptions } from './connector.ts'
import { makeEvent, makeTicket, randomHex, signEvent, testActor } from './events.ts'

/** Between two tries of the sender; the app waits longer. */
const retryMs = 100

/** Longest time one try may take, as the app's own limit. */
const tryLimitMs = 10_000

/** One requested run. */
export interface Order {
  event: TicketEvent
  runId: string
  /** Number of its ticket, under which its job leaves proof. */
  ticket: string
}

/** What became of an event at the connector's door. */
export interface Sent {
  tries: number
  /** Codes of the answers that were not 202, and `no answer`. */
  refusals: string[]
  status: string
}

/** A site. */
export interface Site {
  /** Settings of every connector of this site. */
  connector: ConnectorOptions
  /** A run of the job that leaves proof; `hold` = it goes on only after letGo. */
  order(options?: { hold?: boolean }): Order
  /** Asks for the end of a run. */
  cancelOf(order: Order): TicketEvent
  /** Sends the event once: the answer's status or code, or `no answer`. */
  sendOnce(event: TicketEvent, url: string): Promise<string>
  /** Sends the event to whatever address `urlOf` gives (null = nobody there) until it is accepted. */
  send(event: TicketEvent, urlOf: () => string | null): Promise<Sent>
  /** Lets a held job go on. */
  letGo(order: Order): void
  /** Launch tokens its job left, one per launch. */
  launches(order: Order): string[]
  /** A file that a job left under its ticket's number. */
  proof(ticket: string, kind: string): string
  /** Removes the folders. */
  remove(): void
}

/** How a site is set up. */
interface SiteOptions {
  /** Address of the instance. */
  instanceUrl: string
  /** Absent = each connector has the embedded database of its data folder. */
  databaseUrl?: string
  /** OAuth client, for tests that tell sites apart by it. */
  clientId?: string
  /** Jobs that run at once. */
  maxRunning?: number
  /** Templates besides `prove`, by name. */
  templates?: Record<string, object>
}

/** The template of the job that leaves proof. */
const proveTemplate = {
  name: 'prove',
  title: 'Prove',
  description: 'Leaves a line for every launch.',
  platform: 'local',
  job: 'prove.sh',
  match: [{ table: 'incident', when: 'active=true', trigger: ['manual'] }],
  parameters: [{ name: 'hold', type: 'boolean', label: 'Wait for a sign' }],
  timeout: '10m',
  outcome: { succeeded: { transition: 'resolved' }, failed: { transition: 'in_progress' } },
}

/** Makes the folders of a site. */
export function createSite(options: SiteOptions): Site {
  const {
    instanceUrl,
    databaseUrl,
    clientId = 'connector',
    maxRunning = 20,
    templates = {},
  } = options
  const folder = mkdtempSync(join(tmpdir(), 'ticket-automation-site-'))
  const proofDir = join(folder, 'proof')
  // PostgreSQL may run as another user, and its data lies below.
  chmodSync(folder, 0o711)
  for (const name of ['proof', 'templates']) mkdirSync(join(folder, name))
  for (const [name, template] of Object.entries({ prove: proveTemplate, ...templates })) {
    writeFileSync(join(folder, 'templates', `${name}.yaml`), stringify(template))
  }
  const configFile = join(folder, 'connector.yaml')
  const local = {
    type: 'local',
    jobs_dir: join(import.meta.dirname, 'jobs'),
    environment: ['PROOF_DIR'],
    max_running: maxRunning,
  }
  const oauth = { client_id: clientId, client_secret: { env: 'ACME_OAUTH_SECRET' } }
  writeFileSync(
    configFile,
    stringify({
      instances: [{ ...testInstance(), url: instanceUrl, oauth }],
      platforms: { local },
      templates_dir: 'templates',
    }),
  )

  function order({ hold = false } = {}): Order {
    const ticket = makeTicket()
    const runId = randomHex()
    const run = { id: runId, template: 'prove', version: 1, parameters: { hold } }
    const data = { ticket, actor: testActor, people: {}, run }
    const event = makeEvent({ source: instanceUrl, type: 'run.requested', data })
    return { event, runId, ticket: ticket.number }
  }

  return {
    connector: {
      configFile,
      dataDir: join(folder, 'data'),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
      env: { ...testEnv, PROOF_DIR: proofDir },
    },
    order,
    cancelOf({ event, runId }) {
      const { ticket, actor, people } = event.data
      const run = { id: runId, reason: 'not needed' }
      const data = { ticket, actor, people, run }
      return makeEvent({ source: instanceUrl, type: 'run.cancel_requested', data })
    },
    async sendOnce(event, url) {
      const answer = await post(url, event)
      return typeof answer === 'object' ? answer.status : answer
    },
    send,
    letGo: ({ ticket }) => writeFileSync(join(proofDir, `${ticket}.go`), ''),
    launches({ ticket }) {
      const file = join(proofDir, `${ticket}.launched`)
      return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
    },
    proof: (ticket, kind) => readFileSync(join(proofDir, `${ticket}.${kind}`), 'utf8'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function send(event: TicketEvent, urlOf: () => string | null): Promise<Sent> {
  const refusals: string[] = []
  for (;;) {
    const url = urlOf()
    const answer = url === null ? 'no answer' : await post(url, event)
    if (typeof answer === 'object') return { ...answer, tries: refusals.length + 1, refusals }
    if (url !== null) refusals.push(answer)
    await wait(retryMs)
  }
}

/** One try, signed anew. The code of the refusal, or what the connector did with the event. */
async function post(url: string, event: TicketEvent): Promise<{ status: string } | string> {
  const { body, token } = await signEvent(event, { jti: `${event.id}-${randomUUID()}` })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const signal = AbortSignal.timeout(tryLimitMs)
  try {
    const reply = await fetch(`${url}/v1/events`, { method: 'POST', headers, body, signal })
    const content = (await reply.json()) as { status: string; code?: string }
    return reply.status === 202 ? content : (content.code ?? `status ${reply.status}`)
  } catch {
    return 'no answer'
  }
}
