// Keeps a job's percentage from going back, for platforms that count anew in every phase of a job.

/** Jobs that are remembered; the one that was asked for longest ago goes first. */
const mostJobs = 5_000

/** Creates the memory: it gives the highest percentage seen of the job so far. */
export function createProgressMemory(): (jobId: string, percent: number | null) => number | null {
  const highest = new Map<string, number>()
  return (jobId, percent) => {
    const before = highest.get(jobId)
    if (percent === null) return before ?? null
    const now = Math.max(before ?? 0, percent)
    highest.delete(jobId)
    highest.set(jobId, now)
    const oldest = highest.keys().next()
    if (highest.size > mostJobs && !oldest.done) highest.delete(oldest.value)
    return now
  }
}
