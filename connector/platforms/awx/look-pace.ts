// How often the smaller things of a running job (its current task, its output) are read: they cost a request per job,
// so with many jobs each has its turn less often, and the states of all, which share requests, are never held up.

/** The turns of one platform's jobs. */
export interface LookPace {
  /** True when it is this job's turn for this look; the turn is then taken. */
  isDue(look: 'step' | 'output', jobId: string): boolean
  /** The job has ended: every look at it is due from now on. */
  end(jobId: string): void
}

/** Part of the platform's rate that these looks may use. */
const shareOfRate = 0.5

/** A job that was not looked at for this long is not counted, in milliseconds. */
const forgottenAfterMs = 600_000

/** Ended jobs that are remembered. */
const mostEnded = 10_000

/** Creates the turns; `now` in milliseconds. */
export function createLookPace(
  requestsPerSecond: number,
  now: () => number = () => performance.now(),
): LookPace {
  /** When each look was last taken; oldest first. */
  const taken = new Map<string, number>()
  const ended = new Set<string>()

  function forgetOld(at: number): void {
    for (const [key, when] of taken) {
      if (at - when < forgottenAfterMs) return
      taken.delete(key)
    }
  }

  return {
    isDue(look, jobId) {
      if (ended.has(jobId)) return true
      const at = now()
      const key = `${look} ${jobId}`
      const last = taken.get(key)
      const gapMs = (1000 * taken.size) / (requestsPerSecond * shareOfRate)
      if (last !== undefined && at - last < gapMs) return false
      taken.delete(key)
      taken.set(key, at)
      forgetOld(at)
      return true
    },
    end(jobId) {
      taken.delete(`step ${jobId}`)
      taken.delete(`output ${jobId}`)
      ended.add(jobId)
      const [oldest] = ended
      if (ended.size > mostEnded && oldest !== undefined) ended.delete(oldest)
    },
  }
}
