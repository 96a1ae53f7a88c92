// Ordering by program, as the platform's Service Catalog API has it: POST …/servicecatalog/items/{sys_id}/order_now.
import type { Session } from '../types.ts'
import { apiError, fromFailure, methodNotAllowed } from './api-errors.ts'
import type { FrontContext } from './context.ts'
import { json } from './message.ts'
import type { Incoming, Reply } from './message.ts'

const orderPath = /^\/api\/sn_sc\/(?:v1\/)?servicecatalog\/items\/([0-9a-f]{32})\/order_now$/

/** Answers a path of the catalog API; null = it is none of it. */
export function answerCatalog(
  context: FrontContext,
  session: Session,
  incoming: Incoming,
): Reply | null {
  const item = orderPath.exec(incoming.path)?.[1]
  if (item === undefined) return null
  if (incoming.method !== 'POST') return methodNotAllowed('POST')
  const body = parsed(incoming.body)
  if (body === null) return apiError(400, 'Exception while reading request', null)
  const variables = (body['variables'] ?? {}) as Record<string, unknown>
  const made = context.platform.order(session, {
    item,
    quantity: Number(body['sysparm_quantity'] ?? 1),
    requestedFor: textOf(body['sysparm_requested_for']) || session.userSysId,
    answers: Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [name, textOf(value)]),
    ),
  })
  if (!made.ok) return fromFailure(made)
  const { sys_id: sysId = '', number = '' } = made.request
  return json(200, {
    result: {
      sys_id: sysId,
      number,
      request_number: number,
      request_id: sysId,
      parent_id: null,
      parent_table: 'task',
      table: 'sc_request',
    },
  })
}

function parsed(body: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body)
    // Whatever is an object is looked at field by field.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
