// The ledger: how much was received, decided, launched, finished and reported, and what is missing,
// that is: what should have moved on and did not. Missing must read 0.
import { setTimeout as wait } from 'node:timers/promises'

import { finalRunStates } from '#shared/vocabulary.ts'

import type { Pool } from './pool.ts'

/** Counts over everything stored. */
export interface Ledger {
  received: number
  decided: number
  launched: number
  finished: number
  reported: number
  /** Events and status updates that ran out of retries: visible, replayable. */
  dead: number
  /**
   * What nobody will act on by itself: an event undecided or a run unattended for minutes (one on hold stands
   * still on purpose), a finished run whose last update is absent or dead (that counts in `dead` as well).
   */
  missing: number
}

/** Longer than any worker's takeover and backoff while the database is up. */
const attendedWithin = "interval '10 minutes'"

/** Counting goes over whole tables, and several scrapers may ask: older than this is counted anew. */
const freshMs = 10_000

/** A scrape waits no longer than this for a new count. */
const waitMs = 3_000

/**
 * A reader that counts at most every ten seconds. When counting fails or takes long it gives the last count;
 * without one it rejects.
 */
export function createLedgerReader(
  read: () => Promise<Ledger>,
  now: () => number = Date.now,
): () => Promise<Ledger> {
  let last: { ledger: Ledger; at: number } | null = null
  let counting: Promise<Ledger> | null = null

  async function count(): Promise<Ledger> {
    try {
      const ledger = await read()
      last = { ledger, at: now() }
      return ledger
    } finally {
      counting = null
    }
  }

  return async () => {
    if (last !== null && now() - last.at < freshMs) return last.ledger
    counting ??= count()
    try {
      return await Promise.race([counting, tooLong()])
    } catch (error) {
      if (last === null) throw error
      return last.ledger
    }
  }
}

async function tooLong(): Promise<never> {
  await wait(waitMs, undefined, { ref: false })
  throw new Error(`the ledger was not counted within ${waitMs} ms`)
}

/** Reads the ledger. Rejects when the database does. */
export async function readLedger(pool: Pool): Promise<Ledger> {
  const { rows } = await pool.query<Record<keyof Ledger, string>>(
    `select
       (select count(*) from event) as received,
       (select count(*) from event where state = 'decided') as decided,
       (select count(*) from step where launch_at is not null) as launched,
       (select count(*) from run where state = any($1)) as finished,
       (select count(*) from status_update where state in ('acknowledged', 'superseded')) as reported,
       (select count(*) from event where state = 'dead')
         + (select count(*) from status_update where state = 'dead') as dead,
       (select count(*) from event
          where state = 'accepted' and received_at < now() - ${attendedWithin})
         + (select count(*) from run
              where state <> all($1) and coalesce(due_at, created_at) < now() - ${attendedWithin}
                and (hold_reason is null or exists (
                  select from step s
                  where s.instance = run.instance and s.run_id = run.id
                    and s.state in ('launching', 'running', 'cancelling'))))
         + (select count(*) from run r
              where state = any($1) and not exists (
                select from status_update u
                where u.instance = r.instance and u.run_id = r.id and u.sequence = r.sequence
                  and u.state <> 'dead'))
         as missing`,
    [[...finalRunStates]],
  )
  const row = rows[0]
  return {
    received: Number(row?.received),
    decided: Number(row?.decided),
    launched: Number(row?.launched),
    finished: Number(row?.finished),
    reported: Number(row?.reported),
    dead: Number(row?.dead),
    missing: Number(row?.missing),
  }
}
