// The aggregate API: GET /api/now/stats/{table}, counts only, optionally grouped.
import type { Session, StoredRecord } from '../types.ts'
import { apiError, fromFailure, invalidTable, methodNotAllowed } from './api-errors.ts'
import type { FrontContext } from './context.ts'
import { json } from './message.ts'
import type { Incoming, Reply } from './message.ts'

/** Answers sysparm_count with sysparm_query and sysparm_group_by. */
export function answerStats(
  context: FrontContext,
  session: Session,
  request: { incoming: Incoming; table: string },
): Reply {
  const { incoming } = request
  if (incoming.method !== 'GET') return methodNotAllowed('GET')
  const table = context.platform.table(request.table)
  if (table === null) return invalidTable(request.table)
  if (incoming.query.get('sysparm_count') !== 'true') {
    return apiError(400, 'Invalid parameter', 'The local instance answers sysparm_count only')
  }
  const found = context.platform.query(session, table.name, {
    encodedQuery: incoming.query.get('sysparm_query') ?? '',
  })
  if ('ok' in found) return fromFailure(found)
  const groupBy = incoming.query.get('sysparm_group_by')
  if (groupBy === null) return json(200, { result: { stats: { count: String(found.total) } } })
  return json(200, { result: grouped(found.records, groupBy.split(',')) })
}

function grouped(records: readonly StoredRecord[], fields: readonly string[]): unknown[] {
  const groups = new Map<string, { values: string[]; count: number }>()
  for (const record of records) {
    const values = fields.map((field) => record[field] ?? '')
    const key = JSON.stringify(values)
    const group = groups.get(key) ?? { values, count: 0 }
    group.count += 1
    groups.set(key, group)
  }
  return [...groups.values()].map(({ values, count }) => ({
    stats: { count: String(count) },
    groupby_fields: fields.map((field, index) => ({ field, value: values[index] ?? '' })),
  }))
}
