// The Table API: /api/now[/v1|/v2]/table/{table}[/{sys_id}] (servicenow-runtime.md §4.1).
import type { Session, StoredRecord, Table } from '../types.ts'
import {
  apiError,
  fromFailure,
  invalidTable,
  methodNotAllowed,
  noRecord,
  unreadableBody,
  unsupportedMediaType,
} from './api-errors.ts'
import type { FrontContext } from './context.ts'
import { json } from './message.ts'
import type { Incoming, Reply } from './message.ts'
import { paginationLink } from './pagination.ts'
import { readTableParameters } from './table-parameters.ts'
import type { TableParameters } from './table-parameters.ts'
import { shapeRecord } from './table-shape.ts'

/** The addressed table or record. */
export interface TableTarget {
  /** '', 'v1' or 'v2': kept in links and Location. */
  version: string
  table: string
  sysId: string | null
}

interface Exchange {
  context: FrontContext
  session: Session
  incoming: Incoming
  target: TableTarget
  table: Table
  parameters: TableParameters
}

/** Answers one Table API request of an authenticated session. */
export function answerTable(
  context: FrontContext,
  session: Session,
  request: { incoming: Incoming; target: TableTarget },
): Reply {
  const { incoming, target } = request
  const table = context.platform.table(target.table)
  if (table === null) return invalidTable(target.table)
  const parameters = readTableParameters(context.platform, table, incoming.query)
  if (typeof parameters === 'string') return apiError(400, 'Invalid parameter', parameters)
  const exchange = { context, session, incoming, target, table, parameters }
  const reply = target.sysId === null ? onTable(exchange) : onRecord(exchange, target.sysId)
  const silent = incoming.headers['x-no-response-body'] === 'true' && reply.status < 300
  return silent ? { ...reply, body: '' } : reply
}

function onTable(exchange: Exchange): Reply {
  switch (exchange.incoming.method) {
    case 'GET':
    case 'HEAD':
      return list(exchange)
    case 'POST':
      return create(exchange)
    default:
      return methodNotAllowed('GET, HEAD, POST')
  }
}

function onRecord(exchange: Exchange, sysId: string): Reply {
  switch (exchange.incoming.method) {
    case 'GET':
    case 'HEAD':
      return read(exchange, sysId)
    case 'PUT':
    case 'PATCH':
      return change(exchange, sysId)
    case 'DELETE':
      return remove(exchange, sysId)
    default:
      return methodNotAllowed('GET, HEAD, PUT, PATCH, DELETE')
  }
}

function list(exchange: Exchange): Reply {
  const { context, session, table, parameters, incoming } = exchange
  const found = context.platform.query(session, table.name, {
    encodedQuery: parameters.query,
    limit: parameters.limit,
    offset: parameters.offset,
  })
  if ('ok' in found) return fromFailure(found)
  const reply = json(200, { result: found.records.map((record) => shaped(exchange, record)) })
  if (!parameters.noCount) reply.headers['X-Total-Count'] = String(found.total)
  if (!parameters.suppressPaginationHeader) {
    const link = paginationLink(incoming, { ...parameters, total: found.total })
    if (link !== '') reply.headers['Link'] = link
  }
  return reply
}

function read(exchange: Exchange, sysId: string): Reply {
  const { context, session, table } = exchange
  const record = context.platform.get(session, table.name, sysId)
  return record === null ? noRecord() : json(200, { result: shaped(exchange, record) })
}

function create(exchange: Exchange): Reply {
  const { context, session, table, parameters } = exchange
  const body = readValues(exchange.incoming, table)
  if (!body.ok) return body.reply
  const written = context.platform.insert(
    session,
    table.name,
    body.values,
    parameters.inputDisplayValue,
  )
  if (!written.ok) return fromFailure(written)
  const reply = json(201, { result: shaped(exchange, written.record) })
  reply.headers['Location'] =
    `${linkBase(exchange)}/${table.name}/${written.record['sys_id'] ?? ''}`
  return reply
}

/** PUT and PATCH both change only the fields they name (KB0534905). */
function change(exchange: Exchange, sysId: string): Reply {
  const { context, session, table, parameters } = exchange
  const body = readValues(exchange.incoming, table)
  if (!body.ok) return body.reply
  const written = context.platform.update(
    session,
    table.name,
    sysId,
    body.values,
    parameters.inputDisplayValue,
  )
  return written.ok ? json(200, { result: shaped(exchange, written.record) }) : fromFailure(written)
}

function remove(exchange: Exchange, sysId: string): Reply {
  const removed = exchange.context.platform.remove(exchange.session, exchange.table.name, sysId)
  return removed.ok ? { status: 204, headers: {}, body: '' } : fromFailure(removed)
}

function shaped(exchange: Exchange, record: StoredRecord): ReturnType<typeof shapeRecord> {
  return shapeRecord(
    {
      platform: exchange.context.platform,
      session: exchange.session,
      table: exchange.table,
      parameters: exchange.parameters,
      linkBase: linkBase(exchange),
    },
    record,
  )
}

function linkBase({ incoming, target }: Exchange): string {
  const version = target.version === '' ? '' : `/${target.version}`
  return `${incoming.base}/api/now${version}/table`
}

type Body = { ok: true; values: StoredRecord } | { ok: false; reply: Reply }

function readValues(incoming: Incoming, table: Table): Body {
  const contentType = incoming.headers['content-type'] ?? ''
  if (!/^application\/(\w+\+)?json\s*(;|$)/i.test(contentType)) {
    return { ok: false, reply: unsupportedMediaType(contentType) }
  }
  let parsed: unknown
  try {
    parsed = JSON.parse(incoming.body)
  } catch {
    // The parser's own wording is Node's, not the platform's.
    return { ok: false, reply: unreadableBody('The payload is not valid JSON.') }
  }
  // Only the first record of an array is used (servicenow-runtime.md §4.1).
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  if (typeof first !== 'object' || first === null) {
    return { ok: false, reply: unreadableBody('The payload must be a JSON object.') }
  }
  const values: StoredRecord = {}
  for (const [name, value] of Object.entries(first)) {
    // Unknown fields are ignored.
    if (table.columns.has(name)) values[name] = storedText(value)
  }
  return { ok: true, values }
}

/** Numbers and booleans are taken as their text; a reference object stands for its value. */
function storedText(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  if (typeof value !== 'object') return JSON.stringify(value)
  if ('value' in value) return storedText(value.value)
  return 'display_value' in value ? storedText(value.display_value) : JSON.stringify(value)
}
