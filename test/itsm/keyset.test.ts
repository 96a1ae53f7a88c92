// Keyset paging against the query engine of the local instance, which nobody wrote for it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { ItsmAdapter, ReadRecord, RecordQuery } from '../../connector/itsm/adapter.ts'
import { pageQuery } from '../../connector/itsm/keyset.ts'
import { pages } from '../../connector/itsm/tickets.ts'
import { parseQuery } from '../instance/platform/query-parse.ts'
import { compileFilter } from '../instance/platform/query.ts'

interface Row {
  sys_id: string
  sys_created_on: string
  number: string
  category: string
  priority: string
  /** Rows that access rules hide count for the limit all the same. */
  hidden: boolean
}

const types: Record<string, string> = {
  sys_id: 'GUID',
  sys_created_on: 'glide_date_time',
  number: 'string',
  category: 'string',
  priority: 'integer',
}

/** Rows of a table as the platform would give them: filter, order, limit, then rights. */
function select(rows: readonly Row[], { query, limit }: RecordQuery): Row[] {
  const filter = compileFilter(query, {
    profile: 'list',
    type: (field) => types[field] ?? null,
    now: new Date('2026-06-10T12:00:00Z'),
    userSysId: '',
  })
  const { order } = parseQuery(query)
  const found = rows.filter((row) =>
    filter({ value: (field) => textOf(row, field), display: (field) => textOf(row, field) }),
  )
  const sorted = found.toSorted((a, b) => {
    for (const { field } of order) {
      const [left, right] = [textOf(a, field), textOf(b, field)]
      if (left !== right) return left < right ? -1 : 1
    }
    return 0
  })
  return sorted.slice(0, limit).filter(({ hidden }) => !hidden)
}

function textOf(row: Row, field: string): string {
  return String({ ...row }[field as keyof Row] ?? '')
}

function adapterOver(rows: () => readonly Row[]): ItsmAdapter {
  return {
    readRecords: async (query) =>
      select(rows(), query).map((row): ReadRecord =>
        Object.fromEntries(
          query.fields.map((field) => {
            const value = textOf(row, field)
            return [field, { value, display: value }]
          }),
        ),
      ),
    sendStatus: () => Promise.reject(new Error('not in this test')),
    close: () => Promise.resolve(),
  }
}

async function readAll(
  rows: () => readonly Row[],
  options: { query: string; pageSize: number; onPage?: () => void },
): Promise<string[]> {
  const what = { table: 'incident', query: options.query, fields: ['number'], types: new Map() }
  const since = new Date('2026-06-01T00:00:00Z')
  const signal = AbortSignal.timeout(10_000)
  const seen: string[] = []
  const read = pages(adapterOver(rows), what, { since, pageSize: options.pageSize, signal })
  for await (const page of read) {
    seen.push(...page.map(({ sys_id }) => sys_id))
    options.onPage?.()
  }
  return seen
}

/** Few moments, so that most rows share theirs with others; some before the period. */
const anyRow = fc.record({
  sys_id: fc.stringMatching(/^[0-9a-f]{32}$/),
  sys_created_on: fc.constantFrom(
    '2026-05-31 23:59:59',
    '2026-06-01 00:00:00',
    '2026-06-02 10:00:00',
    '2026-06-02 10:00:01',
  ),
  number: fc.constant('INC0000001'),
  category: fc.constantFrom('disk', 'network', ''),
  priority: fc.constantFrom('1', '2', '3'),
  hidden: fc.constant(false),
})
const anyRows = fc.uniqueArray(anyRow, { selector: ({ sys_id }) => sys_id, maxLength: 40 })

const queries = [
  '',
  'category=disk',
  'category=disk^ORcategory=network',
  'category=disk^NQpriority=1',
  'priority<3^category!=disk^NQcategory=disk^ORpriority=2^EQ^ORDERBYDESCpriority',
]

describe('keyset paging', () => {
  it('gives each ticket of the period exactly once, whatever the page size and however many share their time', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyRows,
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(...queries),
        async (rows, pageSize, query) => {
          const seen = await readAll(() => rows, { query, pageSize })

          const wanted = select(rows, { ...all, query })
            .filter(({ sys_created_on }) => sys_created_on >= '2026-06-01 00:00:00')
            .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
          expect(seen).toEqual(wanted.map(({ sys_id }) => sys_id))
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('reads none twice and skips none of the others while rows come and go', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyRows,
        anyRows,
        fc.integer({ min: 1, max: 5 }),
        async (first, later, pageSize) => {
          let rows = first
          let page = 0
          const gone = new Set<string>()
          const seen = await readAll(() => rows, {
            query: '',
            pageSize,
            onPage: () => {
              page += 1
              const victim = rows[(page * 7) % Math.max(rows.length, 1)]
              if (victim !== undefined) gone.add(victim.sys_id)
              const added = later.slice(0, page)
              rows = [...first, ...added].filter(({ sys_id }) => !gone.has(sys_id))
            },
          })

          expect(new Set(seen).size).toBe(seen.length)
          const stayed = first.filter(
            ({ sys_id, sys_created_on }) =>
              !gone.has(sys_id) && sys_created_on >= '2026-06-01 00:00:00',
          )
          expect(seen).toEqual(expect.arrayContaining(stayed.map(({ sys_id }) => sys_id)))
        },
      ),
      { numRuns: 300 },
    )
  })

  it('goes on after a page of which access rules hid most', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => ({
      sys_id: index.toString(16).padStart(32, '0'),
      sys_created_on: '2026-06-02 10:00:00',
      number: 'INC0000001',
      category: '',
      priority: '1',
      hidden: index % 5 !== 4,
    }))

    const seen = await readAll(() => rows, { query: '', pageSize: 5 })

    expect(seen).toHaveLength(4)
  })

  it('puts its condition into every group of the query and brings its own order', () => {
    const after = { createdOn: '2026-06-02 10:00:00', sysId: 'f'.repeat(32) }
    const position = `sys_created_on>=${after.createdOn}^sys_created_on>${after.createdOn}^ORsys_id>${after.sysId}`

    expect(pageQuery('a=1^ORb=2^NQc=3^ORDERBYd', after)).toBe(
      `a=1^ORb=2^${position}^NQc=3^${position}^ORDERBYsys_created_on^ORDERBYsys_id`,
    )
    expect(pageQuery('', null)).toBe('ORDERBYsys_created_on^ORDERBYsys_id')
  })
})

const all = { table: 'incident', fields: [], limit: Infinity }

function keyOf({ sys_created_on, sys_id }: Row): string {
  return `${sys_created_on} ${sys_id}`
}
