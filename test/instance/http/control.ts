import type { FaultKind } from '../types.ts'
// The control interface of the stand-in, for tests and demonstrations: faults, clock, log. It is no part of what a
// real instance offers; it answers only to loopback, and only to JSON, which a foreign web page cannot send unasked.
import { systemSession } from './context.ts'
import type { FrontContext } from './context.ts'
import type { Fault } from './faults.ts'
import { json } from './message.ts'
import type { Incoming, Reply } from './message.ts'

const faultKinds: readonly FaultKind[] = ['timeout', '429', '500', 'html', '200-with-error']

type Fields = Record<string, unknown>
type Command = (context: FrontContext, input: Fields) => Promise<Reply> | Reply

const commands: Readonly<Record<string, Command>> = {
  'fail-next': failNext,
  'clear-faults': (context) => {
    context.faults.clear()
    return json(200, { faults: [] })
  },
  faults: (context) => json(200, { faults: context.faults.list() }),
  settle: async (context) => {
    await context.platform.settle()
    return json(200, { now: context.platform.now().toISOString() })
  },
  advance: async (context, input) => {
    await context.platform.advance(Number(input['milliseconds'] ?? 0))
    return json(200, { now: context.platform.now().toISOString() })
  },
  log: (context) => json(200, { log: context.platform.log() }),
  record: showRecord,
  records: showRecords,
}

/** Answers /__local/{command}. Errors are 400 with a reason. */
export async function answerControl(context: FrontContext, incoming: Incoming): Promise<Reply> {
  if (!isLoopback(incoming.remoteAddress)) return json(403, { error: 'loopback only' })
  const name = incoming.path.slice('/__local/'.length)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) return json(404, { error: `no command ${name}` })
  if (incoming.method !== 'POST') return json(405, { error: 'POST a JSON object' })
  if (!(incoming.headers['content-type'] ?? '').startsWith('application/json')) {
    return json(415, { error: 'POST a JSON object' })
  }
  try {
    // Whatever is not an object has no fields, and every command says what it misses.
    const input = JSON.parse(incoming.body === '' ? '{}' : incoming.body) as Fields
    return await command(context, input)
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) })
  }
}

/** True for the addresses of this machine alone. */
export function isLoopback(address: string): boolean {
  return /^(::ffff:)?127\./.test(address) || address === '::1' || address === 'localhost'
}

function failNext(context: FrontContext, input: Fields): Reply {
  const kind = faultKinds.find((candidate) => candidate === input['kind'])
  if (kind === undefined) {
    return json(400, { error: `kind must be one of ${faultKinds.join(', ')}` })
  }
  const fault: Fault = {
    kind,
    count: Number(input['count'] ?? 1),
    path: textOf(input, 'path', '/api/'),
    when: input['when'] === 'after' ? 'after' : 'before',
    retryAfterSeconds: Number(input['retry_after_seconds'] ?? 1),
  }
  if (!Number.isSafeInteger(fault.count) || fault.count < 1) {
    return json(400, { error: 'count must be a positive whole number' })
  }
  context.faults.add(fault)
  return json(200, { faults: context.faults.list() })
}

function showRecord(context: FrontContext, input: Fields): Reply {
  const table = textOf(input, 'table')
  const sysId = textOf(input, 'sys_id')
  const record = context.platform.get(systemSession, table, sysId, false)
  if (record === null) return json(404, { error: `no ${table} ${sysId}` })
  return json(200, { record, journal: context.platform.journal(table, sysId) })
}

function showRecords(context: FrontContext, input: Fields): Reply {
  const found = context.platform.query(systemSession, textOf(input, 'table'), {
    encodedQuery: textOf(input, 'query'),
    acl: false,
  })
  return 'ok' in found ? json(found.status, { error: found.message }) : json(200, found)
}

function textOf(input: Fields, name: string, otherwise = ''): string {
  const value = input[name]
  return typeof value === 'string' ? value : otherwise
}
