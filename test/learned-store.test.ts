// Learning from solved tickets on a real database: which ones count, and that new ones are added.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'

import { createPool } from '../connector/db/pool.ts'
import type { Pool } from '../connector/db/pool.ts'
import { solvedTickets } from '../connector/db/solved-tickets.ts'
import type { SolvedPlace, SolvedTicket } from '../connector/db/solved-tickets.ts'
import { startLearnedStore } from '../connector/learned-store.ts'
import type { LearnedStore } from '../connector/learned-store.ts'
import { createLog } from '../connector/log.ts'
import { defaultPolicy, Policy } from '../connector/policy.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { storeSolved } from './support/solved.ts'

const log = createLog('silent')
let database: TestDatabase
let pool: Pool
const started: LearnedStore[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  pool = createPool(database.connectionString)
})

afterAll(async () => {
  await Promise.all(started.map((store) => store.stop()))
  await pool.end()
  await database.drop()
})

beforeEach(async () => {
  await pool.query('truncate event cascade')
})

function start(policy = defaultPolicy): LearnedStore {
  const store = startLearnedStore({ pool, log, policy })
  started.push(store)
  return store
}

describe('the learned store', () => {
  it('learns from incidents that an automation solved, and from no others', async () => {
    await storeSolved(pool, { template: 'free-disk-space', text: 'disk full', count: 40 })
    await storeSolved(pool, { template: 'unlock-account', text: '账号被锁定', count: 40 })
    await storeSolved(pool, {
      template: 'reset-router',
      text: 'wifi slow',
      count: 40,
      state: 'failed',
    })
    await storeSolved(pool, {
      template: 'reset-router',
      text: 'wifi slow',
      count: 40,
      state: 'rolled_back',
    })
    await storeSolved(pool, {
      template: 'new-vm',
      text: 'wifi slow',
      count: 40,
      table: 'sc_req_item',
    })

    const learned = start()
    const tickets = await learned.refresh()

    expect(tickets).toBe(80)
    expect(learned.suggest('Disk full')).toMatchObject({
      label: 'free-disk-space',
      source: 'learned',
    })
    expect(learned.suggest('账号被锁定')?.label).toBe('unlock-account')
    expect(learned.suggest('wifi slow')).toBeNull()
  })

  it('starts by itself and adds what came since, each ticket once', async () => {
    await storeSolved(pool, { template: 'free-disk-space', text: 'disk full', count: 120 })
    const learned = start()
    await vi.waitFor(async () => expect(await learned.refresh()).toBe(120))
    expect(learned.suggest('disk full')).toBeNull()

    await storeSolved(pool, { template: 'unlock-account', text: 'account locked', count: 60 })

    expect(await learned.refresh()).toBe(180)
    expect(await learned.refresh()).toBe(180)
    expect(learned.suggest('disk full')?.label).toBe('free-disk-space')
    expect(learned.suggest('account locked')?.label).toBe('unlock-account')
  })

  it('does nothing by itself when the policy switches it off', async () => {
    const query = vi.fn<() => never>()
    const off = Policy.parse({ classification: { learned: false } })
    // Only the query is looked at.
    const learned = startLearnedStore({ pool: { query } as unknown as Pool, log, policy: off })

    await learned.stop()

    expect(query).not.toHaveBeenCalled()
    expect(learned.suggest('disk full')).toBeNull()
  })

  it('survives a database that does not answer, and learns when it does again', async () => {
    const gone = createPool(database.connectionString)
    await gone.end()
    const learned = startLearnedStore({ pool: gone, log, policy: defaultPolicy })

    await expect(learned.refresh()).rejects.toThrow()
    await learned.stop()

    expect(learned.suggest('disk full')).toBeNull()
  })

  it('stops at once, also in the middle of reading', async () => {
    await storeSolved(pool, { template: 'free-disk-space', text: 'disk full', count: 200 })
    const learned = start()

    await learned.stop()

    expect(learned.suggest('disk full')).toBeNull()
  })
})

describe('solvedTickets', () => {
  it('pages through all of them, newest first, by an index and without leaving out equal moments', async () => {
    await storeSolved(pool, { template: 'free-disk-space', text: 'disk full', count: 60 })
    await pool.query(`update run set finished_at = '2026-06-10T12:00:00.123456Z' where id < '8'`)

    const seen: SolvedTicket[] = []
    let before: SolvedPlace | null = null
    for (;;) {
      const page: SolvedTicket[] = await solvedTickets(pool, { before, after: null, limit: 7 })
      seen.push(...page)
      before = page.at(-1) ?? null
      if (page.length < 7) break
    }
    const [newest] = seen
    const none = await solvedTickets(pool, { before: null, after: newest ?? null, limit: 7 })

    expect(new Set(seen.map(({ id }) => id)).size).toBe(60)
    expect(seen).toHaveLength(60)
    expect(none).toEqual([])
  })
})
