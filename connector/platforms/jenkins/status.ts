// What the state of a Jenkins build means, and what it is doing. Pure.
import type { JobState, JobStatus } from '../driver.ts'
import type { Found } from './builds.ts'
import type { Build, Stages } from './wire.ts'

/** What admins may decide about results that are neither success nor failure. */
export interface ResultRules {
  unstable: 'failed' | 'succeeded'
  not_built: 'failed' | 'cancelled'
}

const states: Readonly<Record<string, JobState>> = {
  SUCCESS: 'succeeded',
  FAILURE: 'failed',
  ABORTED: 'cancelled',
}

const words: Readonly<Record<string, string>> = {
  SUCCESS: 'succeeded',
  UNSTABLE: 'is unstable: it ran to its end with findings',
  FAILURE: 'failed',
  NOT_BUILT: 'was not built',
  ABORTED: 'was aborted',
}

/** States of a stage that did not go well. */
const badStages = new Set(['FAILED', 'ABORTED', 'UNSTABLE'])

/** The status of a job. Progress is never told: Jenkins only compares with how long earlier builds took. */
export function statusOf(found: Found, stages: Stages | null, rules: ResultRules): JobStatus {
  if (found.is !== 'built') {
    const { item } = found
    const why = item.why ?? 'Waiting in the queue of Jenkins.'
    return {
      state: found.is === 'cancelled' ? 'cancelled' : 'pending',
      progress: null,
      message: found.is === 'cancelled' ? 'It was cancelled in the queue of Jenkins.' : why,
      startedAt: null,
      finishedAt: null,
      exitCode: null,
    }
  }
  const { build } = found
  const runs = isRunning(build)
  return {
    state: runs ? 'running' : resultState(build, rules),
    progress: null,
    message: `Build #${build.number} ${whatHappens(build, stages)}`,
    startedAt: new Date(build.timestamp),
    finishedAt: runs ? null : new Date(build.timestamp + (build.duration ?? 0)),
    exitCode: null,
  }
}

/** Also while what follows the build (archiving, notifications) goes on. */
export function isRunning({ building, inProgress }: Build): boolean {
  return building === true || inProgress === true
}

/** Only builds of pipelines have stages. */
export function isPipeline({ _class }: Build): boolean {
  return _class === 'org.jenkinsci.plugins.workflow.job.WorkflowRun'
}

function resultState({ result }: Build, rules: ResultRules): JobState {
  if (result === 'UNSTABLE') return rules.unstable
  if (result === 'NOT_BUILT') return rules.not_built
  return states[result ?? ''] ?? 'unknown'
}

function whatHappens(build: Build, stages: Stages | null): string {
  const all = stages?.stages ?? []
  if (isRunning(build)) {
    const waits = all.find(({ status }) => status === 'PAUSED_PENDING_INPUT')
    if (waits !== undefined) return `waits for somebody's answer in the stage ${waits.name}`
    if (build.building === false) return 'is finishing'
    const current = all.filter(({ status }) => status === 'IN_PROGRESS')
    // Between two stages, or when the last one ended since the build was read.
    const names = (current.length === 0 ? all.slice(-1) : current).map(({ name }) => name)
    return names.length === 0 ? 'is running' : `is in the stage ${names.join(' and ')}`
  }
  const word = words[build.result ?? ''] ?? `ended with the result ${build.result ?? 'none'}`
  const bad = all.find(({ status }) => badStages.has(status))
  return bad === undefined || build.result === 'SUCCESS' ? word : `${word} in the stage ${bad.name}`
}
