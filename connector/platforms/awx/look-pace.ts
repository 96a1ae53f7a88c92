// How often the smaller things of a running job (its current task, its output) are read: they cost a request per job,
// so with many jobs each has its turn less often, and the states of all, which share requests, are never held up.

/** The turns of one platform's jobs. */
export interface LookPace {
  /** True when it is this job's turn for this look and the platform's rate allows one; the turn is then taken. */
  isDue(look: 'step' | 'output', jobId: string): boolean
  /** The job has ended: every look at it is due from now on. */
  end(jobId: string): void
}

/** Part of the platform's rate that these looks may use. */
const shareOfRate = 0.5

/** Looks that may come at once after a pause: those of this many seconds, at least one. */
const burstSeconds = 1

/** A job that nobody asked about for this long is not counted, in milliseconds. */
const forgottenAfterMs = 600_000

/** Ended jobs that are remembered. */
const mostEnded = 10_000

/** Creates the turns; `now` in milliseconds. */
export function createLookPace(
  requestsPerSecond: number,
  now: () => number = () => performance.now(),
): LookPace {
  /** When each look was last wanted, and last taken; in the order of the former. */
  const looks = new Map<string, { wanted: number; taken: number }>()
  const ended = new Set<string>()
  const perSecond = requestsPerSecond * shareOfRate
  const most = Math.max(1, perSecond * burstSeconds)
  let allowed = most
  let countedAt = now()

  /** Looks that the rate allows now. */
  function refill(at: number): number {
    allowed = Math.min(most, allowed + ((at - countedAt) * perSecond) / 1000)
    countedAt = at
    return allowed
  }

  function forgetOld(at: number): void {
    for (const [key, { wanted }] of looks) {
      if (at - wanted < forgottenAfterMs) return
      looks.delete(key)
    }
  }

  return {
    isDue(look, jobId) {
      if (ended.has(jobId)) return true
      const at = now()
      const key = `${look} ${jobId}`
      const taken = looks.get(key)?.taken ?? -Infinity
      looks.delete(key)
      looks.set(key, { wanted: at, taken })
      forgetOld(at)
      const gapMs = (1000 * looks.size) / perSecond
      if (at - taken < gapMs || refill(at) < 1) return false
      allowed--
      looks.set(key, { wanted: at, taken: at })
      return true
    },
    end(jobId) {
      looks.delete(`step ${jobId}`)
      looks.delete(`output ${jobId}`)
      ended.add(jobId)
      const [oldest] = ended
      if (ended.size > mostEnded && oldest !== undefined) ended.delete(oldest)
    },
  }
}
