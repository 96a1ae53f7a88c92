// Claims of platforms whose jobs can be found only from one place (`home` of driver.ts). Any number of connectors
// work on one database and a wake-up goes to any of them, so all that use a platform's name must be at the same
// place: elsewhere a running job looks lost, and a launch in doubt looks as if it had never arrived.
//
// The start refuses most of it. What it cannot see is a connector that sleeps while another takes over. So a
// launch, whose intent is stored by then, goes out only while the claim stands, and so does every "there is no
// such job". A claim changes hands only under a lock and when no intent is stored: one of the two sees the other.
import { createGroupCommit } from './db/group-commit.ts'
import { claimPlatform, markSeen, readClaims } from './db/platform-claims.ts'
import type { OtherClaim, PlatformClaim, StandingClaim } from './db/platform-claims.ts'
import { inTransaction } from './db/pool.ts'
import type { Pool } from './db/pool.ts'
import { ConnectorError } from './errors.ts'
import type { Driver } from './platforms/driver.ts'

/** Between signs of life, and how long after the last one a connector counts as alive: two may get lost. */
const seenEveryMs = 10_000
const aliveMs = 35_000

/** Calls that share one look at the claims. */
const maxGroup = 1000

/** Looks up the claim of a platform as it stands. */
type ReadClaim = (platform: string) => Promise<StandingClaim | undefined>

/**
 * Claims all platforms that have a home, or none. Returns the drivers, those with a home behind their claim.
 * Throws ConnectorError config_invalid that names every platform another place has, or database_unavailable.
 */
export async function claimPlatforms(
  pool: Pool,
  drivers: ReadonlyMap<string, Driver>,
): Promise<ReadonlyMap<string, Driver>> {
  const claims = new Map<string, PlatformClaim>()
  // By name, so that two starters lock in the same order.
  for (const [platform, driver] of [...drivers].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const home = await driver.home?.()
    if (home !== undefined) claims.set(platform, { platform, home: home.id, place: home.place })
  }
  if (claims.size === 0) return drivers
  await inTransaction(pool, async (client) => {
    const refusals: string[] = []
    for (const claim of claims.values()) {
      const other = await claimPlatform(client, claim, aliveMs)
      if (other !== null) refusals.push(refusalOf(claim, other))
    }
    if (refusals.length > 0) throw new ConnectorError('config_invalid', refusals.join('\n'))
  })
  const read = createClaimReader(pool)
  const guarded = [...drivers].map(([platform, driver]) => {
    const claim = claims.get(platform)
    if (claim === undefined) return [platform, driver] as const
    return [platform, withSignOfLife(guard(driver, claim, read), claim, pool)] as const
  })
  return new Map(guarded)
}

function refusalOf(claim: PlatformClaim, other: OtherClaim): string {
  const { platform } = claim
  const why = [
    ...(other.seenSecondsAgo === null
      ? []
      : [`a connector was seen ${other.seenSecondsAgo} s ago`]),
    ...(other.unfinished === 0 ? [] : [`${other.unfinished} unfinished job(s) were started`]),
  ]
  return (
    `platform ${platform}: its jobs are in ${other.place}, where ${why.join(' and ')}; this connector has ` +
    `${claim.place} and could not find them. Let all connectors of this database run on one host with the ` +
    'same work_dir, or give this one a database of its own. If the other place is gone for good, wait a minute, ' +
    `and if this message stays run: npm run connector -- platforms release ${platform}`
  )
}

function createClaimReader(pool: Pool): ReadClaim {
  return createGroupCommit(
    async (platforms: readonly string[]) => {
      const claims = new Map((await readClaims(pool)).map((claim) => [claim.platform, claim]))
      return platforms.map((platform) => claims.get(platform))
    },
    { maxItems: maxGroup },
  )
}

/** The driver for as long as the claim stands. */
function guard(driver: Driver, claim: PlatformClaim, read: ReadClaim): Driver {
  async function held(): Promise<StandingClaim> {
    const standing = await read(claim.platform)
    if (standing?.home === claim.home && standing.place === claim.place) return standing
    const now = standing === undefined ? 'nobody' : standing.place
    throw new ConnectorError(
      'platform_unreachable',
      `platform ${claim.platform} was released or belongs to ${now}, no longer to ${claim.place}: restart the connector there`,
      { retryable: true },
    )
  }

  /** A job that is not there may be at the place that has the platform now. */
  async function orElsewhere<T>(call: Promise<T>): Promise<T> {
    try {
      return await call
    } catch (error) {
      if (error instanceof ConnectorError && error.code === 'job_lost') await held()
      throw error
    }
  }

  return {
    ...driver,
    async launch(request, signal) {
      await held()
      return await driver.launch(request, signal)
    },
    async find(token, signal, inDoubt) {
      const job = await driver.find(token, signal, inDoubt)
      if (job !== null) return job
      const { left_behind: leftBehind } = await held()
      if (!leftBehind.includes(token)) return null
      throw new ConnectorError(
        'job_lost',
        `the job may have been started at a place from which platform ${claim.platform} was released`,
      )
    },
    status: (jobId, signal) => orElsewhere(driver.status(jobId, signal)),
    output: (jobId, cursor, signal) => orElsewhere(driver.output(jobId, cursor, signal)),
    async cancel(jobId, signal) {
      const result = await driver.cancel(jobId, signal)
      if (result === 'not_found') await held()
      return result
    },
  }
}

/** Says from time to time that this connector lives, and at its close that it is gone. */
function withSignOfLife(driver: Driver, claim: PlatformClaim, pool: Pool): Driver {
  const timer = setInterval(() => {
    // Loose on purpose: a database that is away hears the next one.
    void markSeen(pool, claim).catch(ignore)
  }, seenEveryMs).unref()
  return {
    ...driver,
    async close() {
      clearInterval(timer)
      await driver.close()
      await markSeen(pool, claim, true).catch(ignore)
    },
  }
}

function ignore(): void {
  // A missing sign makes another place wait longer, or lets it start; `held` is what makes it safe.
}
