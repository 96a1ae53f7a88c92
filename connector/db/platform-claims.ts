// Which place the jobs of a platform belong to. One function per statement group; what a claim is good for is
// said in ../platform-claims.ts.
import { appendAudit } from './audit.ts'
import { asDatabaseError, inTransaction } from './pool.ts'
import type { Pool, Queryable } from './pool.ts'

/** A place that wants to have, or has, the jobs of a platform. */
export interface PlatformClaim {
  platform: string
  home: string
  place: string
}

/** Why a claim was refused. */
export interface OtherClaim {
  place: string
  /** Seconds since a connector was seen there; null = none within `aliveMs`. */
  seenSecondsAgo: number | null
  /** Jobs launched there that have not ended as far as the database knows. */
  unfinished: number
}

/** The claim of a platform as it stands; `home` null = released. */
export interface StandingClaim {
  platform: string
  home: string | null
  place: string
  left_behind: string[]
}

/** Held exclusively while a claim changes, waited for by readers. Any number that nobody else locks. */
const claimLock = 0x7469636d

/** Steps whose job may be under way at the place that has the platform. */
const inFlight = `platform = $1 and finished_at is null and state in ('launching', 'running', 'cancelling')`

/**
 * Claims a platform for a place. A claim of another place gives way when it was released, or when no connector
 * was seen there for `aliveMs` and no job of it is in flight. Returns null when claimed, else who has it.
 * Call it in a transaction: the lock is kept until its end, so that nobody launches in between.
 */
export async function claimPlatform(
  db: Queryable,
  claim: PlatformClaim,
  aliveMs: number,
): Promise<OtherClaim | null> {
  const { platform, home, place } = claim
  await db.query('select pg_advisory_xact_lock($1)', [claimLock])
  const { rows } = await db.query<OtherClaim & { home: string | null }>(
    `select home, place,
       case when seen_at > clock_timestamp() - $2 * interval '1 ms'
         then greatest(0, extract(epoch from clock_timestamp() - seen_at))::int end as "seenSecondsAgo",
       (select count(*)::int from step where ${inFlight}) as unfinished
     from platform_claim where platform = $1`,
    [platform, aliveMs],
  )
  const [other] = rows
  if (other !== undefined && !givesWay(other, claim)) {
    const { place: otherPlace, seenSecondsAgo, unfinished } = other
    return { place: otherPlace, seenSecondsAgo, unfinished }
  }
  await db.query(
    `insert into platform_claim (platform, home, place, seen_at) values ($1, $2, $3, clock_timestamp())
     on conflict (platform) do update set home = $2, place = $3, seen_at = clock_timestamp()`,
    [platform, home, place],
  )
  return null
}

function givesWay(other: OtherClaim & { home: string | null }, claim: PlatformClaim): boolean {
  if (other.home === null) return true
  if (other.home === claim.home && other.place === claim.place) return true
  if (other.seenSecondsAgo !== null) return false
  return other.home === claim.home || other.unfinished === 0
}

/**
 * All claims, not before a change under way is through. Two statements: each sees what was committed when it
 * began, so the second sees what the first has waited for. Nothing is written, so it costs no durable commit.
 * Throws database_unavailable.
 */
export async function readClaims(pool: Pool): Promise<StandingClaim[]> {
  try {
    await pool.query('select pg_advisory_xact_lock_shared($1)', [claimLock])
    const { rows } = await pool.query<StandingClaim>(
      'select platform, home, place, left_behind from platform_claim',
    )
    return rows
  } catch (error) {
    throw asDatabaseError(error)
  }
}

/** A sign of life; `gone` = the connector there stops. Does nothing when the claim is no longer this place's. */
export async function markSeen(pool: Pool, claim: PlatformClaim, gone = false): Promise<void> {
  await pool.query(
    `update platform_claim set seen_at = case when $4 then null else clock_timestamp() end
     where platform = $1 and home = $2 and place = $3`,
    [claim.platform, claim.home, claim.place, gone],
  )
}

/**
 * Takes the platform from the place that has it, for good. Its steps in flight are remembered: nobody else can
 * tell whether their jobs ran. Returns what was released, or null when nobody ever claimed the platform. `origin`
 * says for the audit who asked.
 */
export async function releasePlatform(
  pool: Pool,
  platform: string,
  origin: string,
): Promise<{ place: string; leftBehind: number } | null> {
  return await inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [claimLock])
    const { rows } = await client.query<{ place: string; leftBehind: number }>(
      `update platform_claim set home = null, seen_at = null,
         left_behind = array(select id from step where ${inFlight})
       where platform = $1 returning place, cardinality(left_behind) as "leftBehind"`,
      [platform],
    )
    const released = rows[0]
    if (released === undefined) return null
    const { place, leftBehind } = released
    const detail = { place, unfinished_jobs: leftBehind }
    const subject = `platform/${platform}`
    await appendAudit(client, [
      { actor: 'admin', origin, action: 'platform.released', subject, detail },
    ])
    return released
  })
}
