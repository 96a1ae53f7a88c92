// The supervisor: one small process per connector process that begins jobs and stays with them. It lives in
// a session of its own, so the connector may end or be killed at any moment: the supervisor goes on, enforces
// the time limits, records how the jobs end, and leaves when nothing is left to do. One for all jobs, because
// a process of Node per job costs 60 ms and 60 MB each; in a process of its own and not in the connector,
// because only the parent of a process is told its exit code.
// Started by supervisor-link.ts as: node supervisor.ts <work_dir>, with an IPC channel.
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { cancelMark, waitingRecord } from './layout.ts'
import { identityOf } from './process-identity.ts'
import type { EndedMessage, LaunchMessage, LaunchReply } from './records.ts'
import {
  beginJob,
  cancelUnbegun,
  jobRecordOf,
  releaseJob,
  tendJob,
  writeRecord,
} from './supervised-job.ts'
import type { SupervisedJob } from './supervised-job.ts'

/** Milliseconds between looks at cancel marks, time limits and output sizes while there is a job. */
const tickMs = 200

const workDir = process.argv[2] ?? ''
const self = identityOf(process.pid) ?? { pid: process.pid, start: 'unknown' }
const jobs = new Set<SupervisedJob>()
const waiting: LaunchMessage[] = []
let timer: NodeJS.Timeout | null = null
let leaving = false

mkdirSync(join(workDir, '.waiting'), { recursive: true, mode: 0o700 })
mkdirSync(join(workDir, '.cancel'), { recursive: true, mode: 0o700 })

process.on('message', (message) => {
  // Only our own driver holds the other end of this channel.
  accept(message as LaunchMessage)
})
process.on('disconnect', leaveWhenIdle)
// A service manager that stops everything signals this process too; it leaves after its last job, because
// nobody else can record how that ends.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, leaveWhenIdle)

function leaveWhenIdle(): void {
  leaving = true
  if (jobs.size === 0 && waiting.length === 0) process.exit(0)
}

function accept(launch: LaunchMessage): void {
  try {
    if (jobs.size >= launch.maxRunning) {
      writeRecord(waitingRecord(workDir, launch.token), jobRecordOf(launch, self))
      waiting.push(launch)
      reply({ id: launch.id, outcome: 'waiting' })
      return
    }
    begin(launch, reply)
  } catch (error) {
    reply({ id: launch.id, outcome: 'failed', began: false, reason: reasonOf(error) })
  }
}

/** Begins the job and says so through `answer`; throws when the disk refused before anything began. */
function begin(launch: LaunchMessage, answer: (reply: LaunchReply) => void): void {
  const { id, token } = launch
  const beginning = beginJob(launch, workDir, self)
  if (beginning === 'exists') {
    answer({ id, outcome: 'exists' })
    return
  }
  if ('refused' in beginning) {
    void beginning.refused.catch(reasonOf).then((reason) => {
      answer({ id, outcome: 'failed', began: true, reason })
      tell({ ended: token })
    })
    return
  }
  const { job } = beginning
  jobs.add(job)
  job.process.once('exit', (code, signal) => {
    job.exit = { code, signal }
    tend(job)
  })
  timer ??= setInterval(tick, tickMs)
  answer({ id, outcome: 'begun' })
}

function tick(): void {
  for (const job of jobs) tend(job)
  for (const launch of waiting.filter(isCancelled)) dropWaiting(launch)
  beginWaiting()
}

function tend(job: SupervisedJob): void {
  const recorded = job.endRecorded
  const done = tendJob(job, performance.now())
  if (job.endRecorded && !recorded) tell({ ended: job.launch.token })
  if (!done || !jobs.delete(job)) return
  releaseJob(job)
  beginWaiting()
  if (jobs.size > 0 || waiting.length > 0) return
  if (timer !== null) clearInterval(timer)
  timer = null
  if (leaving) leaveWhenIdle()
}

/** The longest waiting job takes the place that became free. */
function beginWaiting(): void {
  for (let launch = waiting[0]; launch !== undefined; launch = waiting[0]) {
    if (jobs.size >= launch.maxRunning) return
    try {
      // The launch was answered when it was accepted.
      begin(launch, () => {})
    } catch {
      // The disk refused before anything began: it stays first in line and the next tick tries again.
      return
    }
    waiting.shift()
    rmSync(waitingRecord(workDir, launch.token), { force: true })
  }
}

function isCancelled(launch: LaunchMessage): boolean {
  return existsSync(cancelMark(workDir, launch.token))
}

function dropWaiting(launch: LaunchMessage): void {
  try {
    cancelUnbegun(launch, workDir, self)
  } catch {
    // The disk refused; the mark stays and the next tick tries again.
    return
  }
  waiting.splice(waiting.indexOf(launch), 1)
  rmSync(waitingRecord(workDir, launch.token), { force: true })
  rmSync(cancelMark(workDir, launch.token), { force: true })
  tell({ ended: launch.token })
}

function reply(message: LaunchReply): void {
  tell(message)
}

function tell(message: LaunchReply | EndedMessage): void {
  // Nobody listens after the connector has gone; what counts is on disk.
  if (process.connected) process.send?.(message, undefined, {}, () => {})
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
