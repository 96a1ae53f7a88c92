// Which earlier runs count when a template limits how often a target is worked on. Pure.
import type { JobTemplate } from '#shared/job-template.ts'
import { isFinal } from '#shared/status-update.ts'

import type { TargetRun } from './checks/check.ts'

/** A run that counts. */
export interface CountedRun {
  run: TargetRun
  /** When it started, or for one that is about to start since when it could. */
  since: Date
}

/** What is asked: runs of this template on that target, as seen from the moment `at`. */
export interface HistoryQuestion {
  template: Pick<JobTemplate, 'name'>
  target: string
  at: Date
}

/**
 * Runs of the template on the target, latest first. Refused ones and those that ended without having started
 * anything do not count. One that is about to start does, or ten tickets of one alarm would all pass; one that
 * is planned for later does not count yet.
 */
export function runsThatCount(
  runs: readonly TargetRun[],
  { template, target, at }: HistoryQuestion,
): CountedRun[] {
  return runs
    .filter((run) => run.target === target && run.template === template.name)
    .map((run) => ({ run, since: sinceOf(run) }))
    .filter((counted): counted is CountedRun => counted.since !== null)
    .filter(({ run, since }) => run.startedAt !== null || since <= at)
    .toSorted((a, b) => b.since.getTime() - a.since.getTime())
}

function sinceOf({ state, startedAt, windowStart, createdAt }: TargetRun): Date | null {
  if (startedAt !== null) return startedAt
  if (isFinal(state)) return null
  return windowStart !== null && windowStart > createdAt ? windowStart : createdAt
}
