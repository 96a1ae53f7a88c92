// Stands in for the two endpoints of an instance that the connector needs, over real HTTP: the OAuth token and
// the app's status updates. Checks what arrives with a library the connector does not use, keeps what it would
// write, and misbehaves when told to.
import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'

import jwt from 'jsonwebtoken'

import { statusSignatureHeader } from '#shared/signature.ts'
import { StatusUpdate } from '#shared/status-update.ts'
import type { StatusReply, TicketChange } from '#shared/status-update.ts'
import { appScope } from '#shared/vocabulary.ts'

import { testAudience, testIssuer, testSecret } from './config.ts'

/**
 * What a request gets instead of an answer: 429 with Retry-After (1 s), 500, a page with 200, no answer ever,
 * 200 with an error inside; `lost` = applied, then the connection breaks; `applied_silent` = applied, no answer
 * ever; `refuse_state` = applied but for the ticket's state.
 */
export const faults = [
  'rate_limited',
  'server_error',
  'html',
  'silent',
  'error_in_200',
  'lost',
  'applied_silent',
  'refuse_state',
] as const
export type Fault = (typeof faults)[number]

/** What the instance knows of one run. */
export interface RecordedRun {
  /** Highest sequence applied. */
  sequence: number
  state: StatusUpdate['state']
  last: StatusUpdate
  /** How often each sequence arrived and was applied. */
  deliveries: Map<number, { body: string; arrived: number; applied: number }>
  /** Work notes written, each key once as the app does. */
  notes: { key: string; text: string }[]
  /** All texts that came under a key. */
  noteTexts: Map<string, Set<string>>
  /** Ticket changes made, without their notes. */
  changes: Omit<TicketChange, 'work_note'>[]
}

/** The instance and its controls. */
export interface RecordingInstance {
  url: string
  runs: Map<string, RecordedRun>
  /** What no connector may ever do: wrong signatures, used tokens, updates outside the contract. */
  violations: string[]
  /** Asked for every update; null = answer as the app does. */
  faultFor: (update: StatusUpdate) => Fault | null
  /** Asked for every token request (by client id); true = it is never answered. */
  holdsToken: (clientId: string) => boolean
  close(): Promise<void>
}

const statusPath = `/api/${appScope}/v1/automation/status-updates`

/** Starts the instance on a free port of this machine. */
export async function startRecordingInstance(): Promise<RecordingInstance> {
  const tokens = new Set<string>()
  const usedSignatures = new Set<string>()
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => {
      instance.violations.push(`the instance failed: ${String(error)}`)
      response.destroy()
    })
  })
  const instance: RecordingInstance = {
    url: '',
    runs: new Map(),
    violations: [],
    faultFor: () => null,
    holdsToken: () => false,
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    // The other side was killed while it sent.
    if (body === null) return
    if (request.url === '/oauth_token.do') return giveToken(body, response)
    if (request.url === statusPath) return takeUpdate(request, response, body)
    return instance.violations.push(`unexpected request ${request.url}`) > 0
      ? answer(response, 404, { error: { message: 'no such path' } })
      : undefined
  }

  function giveToken(body: Buffer, response: ServerResponse): void {
    const form = new URLSearchParams(body.toString())
    const client = form.get('client_id') ?? ''
    if (instance.holdsToken(client)) return
    if (form.get('grant_type') !== 'client_credentials' || form.get('client_secret') === null) {
      instance.violations.push('a token request without client credentials')
      return answer(response, 400, { error: 'invalid_request' })
    }
    const token = randomUUID()
    tokens.add(token)
    answer(response, 200, { access_token: token, token_type: 'Bearer', expires_in: 1799 })
  }

  async function takeUpdate(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
  ): Promise<void> {
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
    if (!tokens.has(token)) return answer(response, 401, { error: { message: 'not signed in' } })
    const problem = signatureProblem(request, body)
    if (problem !== null) {
      instance.violations.push(problem)
      return answer(response, 401, { error: { message: problem } })
    }
    const parsed = StatusUpdate.safeParse(JSON.parse(body.toString('latin1')))
    if (!parsed.success) {
      instance.violations.push(`outside the contract: ${parsed.error.message}`)
      return answer(response, 400, { error: { message: 'outside the contract' } })
    }
    await misbehave(instance.faultFor(parsed.data), response, () =>
      record(instance, parsed.data, body.toString('latin1')),
    )
  }

  function signatureProblem(request: IncomingMessage, body: Buffer): string | null {
    try {
      const key = Buffer.from(testSecret, 'base64')
      const claims = jwt.verify(String(request.headers[statusSignatureHeader]), key, {
        algorithms: ['HS256'],
        issuer: testAudience,
        audience: testIssuer,
      })
      if (typeof claims === 'string' || claims.jti === undefined) return 'a signature without jti'
      if (usedSignatures.has(claims.jti)) return 'a signature that was used before'
      usedSignatures.add(claims.jti)
      const hash = createHash('sha256').update(body).digest('base64url')
      return claims['body_sha256'] === hash ? null : 'a signature of another body'
    } catch (error) {
      return `a signature that does not verify: ${String(error)}`
    }
  }

  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  instance.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  return instance
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer)
  } catch {
    return null
  }
  return Buffer.concat(chunks)
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Answers with the fault, or with the reply of `apply`. */
async function misbehave(
  fault: Fault | null,
  response: ServerResponse,
  apply: () => StatusReply,
): Promise<void> {
  switch (fault) {
    case 'rate_limited':
      response.setHeader('retry-after', '1')
      return answer(response, 429, { error: { message: 'Rate limit exceeded' } })
    case 'server_error':
      return answer(response, 500, { error: { message: 'Transaction cancelled' } })
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' })
      return void response.end('<html><body>Your instance is hibernating</body></html>')
    case 'error_in_200':
      return answer(response, 200, {
        error: { message: 'Transaction cancelled' },
        status: 'failure',
      })
    case 'silent':
      return
    case 'applied_silent':
      apply()
      return
    case 'lost':
      apply()
      // A moment later, so that the break falls into the wait for the answer.
      await wait(1)
      return void response.destroy()
    case 'refuse_state': {
      const reason = 'Data Policy Exception: Close code is mandatory'
      return answer(response, 200, {
        result: { ...apply(), refused: [{ field: 'state', reason }] },
      })
    }
    case null:
      return answer(response, 200, { result: apply() })
    default:
      return fault satisfies never
  }
}

/** What the app does: newer than what it has = applied, else stale; a work note once per key. */
function record(instance: RecordingInstance, update: StatusUpdate, body: string): StatusReply {
  const { run_id, sequence, ticket_change: change } = update
  const run = instance.runs.get(run_id) ?? newRun(update)
  instance.runs.set(run_id, run)
  const delivery = run.deliveries.get(sequence) ?? { body, arrived: 0, applied: 0 }
  run.deliveries.set(sequence, delivery)
  delivery.arrived++
  if (delivery.body !== body) instance.violations.push(`two updates ${sequence} of run ${run_id}`)
  const reply = { run_id, sequence, applied: [], refused: [] }
  if (sequence <= run.sequence) return { ...reply, status: 'stale' }
  delivery.applied++
  run.sequence = sequence
  run.state = update.state
  run.last = update
  if (change === null) return { ...reply, status: 'applied' }
  const { work_note: note, ...rest } = change
  if (Object.keys(rest).length > 0) run.changes.push(rest)
  if (note !== undefined) {
    const texts = run.noteTexts.get(note.key) ?? new Set()
    run.noteTexts.set(note.key, texts.add(note.text))
    if (texts.size === 1 && !run.notes.some(({ key }) => key === note.key)) run.notes.push(note)
  }
  return { ...reply, status: 'applied' }
}

function newRun(update: StatusUpdate): RecordedRun {
  return {
    sequence: 0,
    state: update.state,
    last: update,
    deliveries: new Map(),
    notes: [],
    noteTexts: new Map(),
    changes: [],
  }
}
