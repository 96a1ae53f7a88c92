// The ledger: what counts as missing, and how often and how long anybody waits for the count.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { createLedgerReader, readLedger } from '../../connector/db/ledger.ts'
import type { Ledger } from '../../connector/db/ledger.ts'
import { createPool } from '../../connector/db/pool.ts'
import type { Pool } from '../../connector/db/pool.ts'
import { createTestDatabase } from '../support/postgres.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { storeRun } from '../support/reporting.ts'

describe('missing', () => {
  let database: TestDatabase
  let pool: Pool

  beforeAll(async () => {
    database = await createTestDatabase()
    pool = createPool(database.connectionString)
  })

  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  it('counts a finished run whose last update is absent or dead, and no other', async () => {
    const [told, waiting, dead, absent] = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const run = await storeRun(pool)
        await run.write({ state: 'running' })
        await run.write({ state: 'succeeded' })
        return run
      }),
    )
    await pool.query(`update run set state = 'succeeded', finished_at = now()`)
    async function setLast(id: string | undefined, state: string): Promise<void> {
      await pool.query('update status_update set state = $2 where run_id = $1 and sequence = 2', [
        id,
        state,
      ])
    }
    await setLast(told?.id, 'acknowledged')
    await setLast(waiting?.id, 'pending')
    expect(await readLedger(pool)).toMatchObject({ finished: 4, dead: 0, missing: 0 })

    await setLast(dead?.id, 'dead')
    expect(await readLedger(pool)).toMatchObject({ dead: 1, missing: 1 })

    await pool.query('delete from status_update where run_id = $1 and sequence = 2', [absent?.id])
    expect(await readLedger(pool)).toMatchObject({ dead: 1, missing: 2 })
  })
})

describe('the reader', () => {
  function ledger(received: number): Ledger {
    return { received, decided: 0, launched: 0, finished: 0, reported: 0, dead: 0, missing: 0 }
  }

  it('counts at most every ten seconds, and once for several who ask', async () => {
    let time = 0
    const read = vi.fn(() => Promise.resolve(ledger(read.mock.calls.length)))
    const ledgerNow = createLedgerReader(read, () => time)

    const both = await Promise.all([ledgerNow(), ledgerNow()])
    time = 9_999
    const soon = await ledgerNow()
    time = 10_000
    const later = await ledgerNow()

    expect([...both, soon, later].map(({ received }) => received)).toEqual([1, 1, 1, 2])
  })

  it('gives the last count when counting fails, and rejects without one', async () => {
    let time = 0
    const outcomes = [
      Promise.reject(new Error('away')),
      Promise.resolve(ledger(7)),
      Promise.reject(new Error('away')),
      Promise.resolve(ledger(8)),
    ]
    for (const outcome of outcomes) outcome.catch(() => undefined)
    const ledgerNow = createLedgerReader(
      () => outcomes.shift() ?? Promise.resolve(ledger(0)),
      () => time,
    )

    await expect(ledgerNow()).rejects.toThrow('away')
    expect((await ledgerNow()).received).toBe(7)
    time = 60_000
    expect((await ledgerNow()).received).toBe(7)
    expect((await ledgerNow()).received).toBe(8)
  })

  it('gives the last count when counting takes long, and the new one when it is there', async () => {
    let time = 0
    const slow = Promise.withResolvers<Ledger>()
    const outcomes = [Promise.resolve(ledger(1)), slow.promise]
    const ledgerNow = createLedgerReader(
      () => outcomes.shift() ?? Promise.reject(new Error('counted twice')),
      () => time,
    )
    await ledgerNow()
    time = 60_000

    const waited = await ledgerNow()
    slow.resolve(ledger(2))
    const next = await ledgerNow()

    expect([waited.received, next.received]).toEqual([1, 2])
  })
})
