// Scheduled scripts (sysauto_script): hands the periodic ones of the installed app to the scheduler. They run
// as the system, or as the user in run_as.
import type { Session, StoredRecord } from '../types.ts'
import { fromStored } from './clock.ts'
import type { Core } from './core.ts'
import { logFailure } from './scripts.ts'

const day = 86_400_000

/** Schedules every active job. Kinds other than periodic, daily and on demand are named in the log. */
export function scheduleJobs(core: Core): void {
  for (const job of core.store.rows('sysauto_script')) {
    const period = periodOf(job)
    if (period === null) {
      const kind = job['run_type'] ?? ''
      if (kind !== 'on_demand')
        core.log.add('warn', job['name'] ?? '', `run type ${kind} is not emulated`)
      continue
    }
    const start = fromStored(job['run_start'] ?? '') ?? core.clock.now().getTime()
    const now = core.clock.now().getTime()
    const sysId = job['sys_id'] ?? ''
    const runs = Math.max(0, Math.floor((now - start) / period) + 1)
    core.jobs.repeat({
      source: job['name'] ?? '',
      dueAt: start + runs * period,
      next: (after) => after + period,
      run: () => runJob(core, sysId),
    })
  }
}

/** Milliseconds between two runs; a period is stored as a date-time since the epoch. */
function periodOf(job: StoredRecord): number | null {
  if (job['run_type'] === 'daily') return day
  if (job['run_type'] !== 'periodically') return null
  const period = fromStored(job['run_period'] ?? '') ?? 0
  return period > 0 ? period : null
}

/** Runs a job now, unless it was switched off meanwhile. */
export function runJob(core: Core, sysId: string): void {
  const job = core.store.find('sysauto_script', sysId)
  if (!job || job['active'] !== 'true') return
  const runAs = job['run_as'] ?? ''
  const session: Session =
    (runAs === '' ? null : core.people.bySysId(runAs, false)) ?? core.people.system()
  try {
    const condition = (job['condition'] ?? '').trim()
    const conditional = job['conditional'] === 'true' && condition !== ''
    if (conditional && !core.scripts.holds({ owner: job, source: condition, session })) return
    core.scripts.run({ owner: job, source: job['script'] ?? '', session })
  } catch (error) {
    logFailure(core, job, error)
  }
}
