// One job in the hands of the supervisor: made, started, watched, ended, recorded. Everything here is
// synchronous on purpose: between the fence and the record of the start nothing else can happen.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

import { cancelMark, fileNames, jobDirectory } from './layout.ts'
import { groupIsAlive, identityOf, signalGroup } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'
import type { EndRecord, JobRecord, LaunchMessage, RunningRecord } from './records.ts'

/** Milliseconds after SIGKILL when a group counts as gone: what then remains hangs inside the kernel. */
const afterKillMs = 2000

/** A job that was begun. */
export interface SupervisedJob {
  readonly launch: LaunchMessage
  readonly workDir: string
  readonly process: ChildProcess
  /** Also the process group. */
  readonly pid: number
  readonly startedAt: Date
  /** Descriptor of the output file. */
  readonly output: number
  /** On the monotonic clock, as killAt and killedAt. */
  readonly deadline: number
  startRecorded: boolean
  ending: { reason: EndRecord['reason']; killAt: number; killedAt: number | null } | null
  exit: { code: number | null; signal: string | null } | null
  endRecorded: boolean
}

/** What beginning a job came to. */
export type Beginning = { job: SupervisedJob } | 'exists' | { refused: Promise<string> }

/** job.json of a launch. */
export function jobRecordOf(launch: LaunchMessage, supervisor: ProcessIdentity): JobRecord {
  const { token, job, ticket, timeoutMs, killGraceMs } = launch
  const acceptedAt = new Date().toISOString()
  return { token, job, ticket, supervisor, acceptedAt, timeoutMs, killGraceMs }
}

/**
 * Starts the job unless its token was launched before. Throws what the file system throws; then nothing
 * was begun, except when the directory exists afterwards.
 */
export function beginJob(
  launch: LaunchMessage,
  workDir: string,
  supervisor: ProcessIdentity,
): Beginning {
  const prepared = prepare(launch, workDir, supervisor)
  const output = openSync(join(prepared, fileNames.output), 'a', 0o600)
  let passed = false
  try {
    passed = passFence(prepared, workDir, launch.token)
  } finally {
    if (!passed) closeSync(output)
  }
  if (!passed) return 'exists'
  const child = start(launch, jobDirectory(workDir, launch.token), output)
  if (child instanceof Promise) {
    closeSync(output)
    return { refused: child }
  }
  const job: SupervisedJob = {
    launch,
    workDir,
    process: child.process,
    pid: child.pid,
    startedAt: new Date(),
    output,
    deadline: performance.now() + launch.timeoutMs,
    startRecorded: false,
    ending: null,
    exit: null,
    endRecorded: false,
  }
  recordStart(job)
  return { job }
}

/** Records a job as cancelled before it began, through the same fence, so that nobody can begin it later. */
export function cancelUnbegun(
  launch: LaunchMessage,
  workDir: string,
  supervisor: ProcessIdentity,
): void {
  const prepared = prepare(launch, workDir, supervisor)
  writeRecord(join(prepared, fileNames.end), endOf('cancelled', {}))
  passFence(prepared, workDir, launch.token)
}

/**
 * Looks after the job: output cap, cancel, time limit, escalation, records. Call it often and after every
 * change; true = everything is done and recorded. `now` is the monotonic clock.
 */
export function tendJob(job: SupervisedJob, now: number): boolean {
  capOutput(job)
  if (!job.startRecorded) recordStart(job)
  if (job.ending === null) {
    if (job.exit !== null) startEnding(job, 'exited', now)
    else if (existsSync(cancelMark(job.workDir, job.launch.token)))
      startEnding(job, 'cancelled', now)
    else if (now >= job.deadline) startEnding(job, 'timed_out', now)
  }
  const { ending } = job
  if (ending === null) return false
  const gone = job.exit !== null && !groupIsAlive(job.pid)
  if (!gone && ending.killedAt === null && now >= ending.killAt) {
    signalGroup(job.pid, 'SIGKILL')
    ending.killedAt = now
  }
  if (job.exit === null) return false
  const over = gone || (ending.killedAt !== null && now >= ending.killedAt + afterKillMs)
  // The exit code of a job that ended by itself is safe at once; cancelled means that nothing of it runs.
  if (!job.endRecorded && (ending.reason === 'exited' || over)) recordEnd(job, ending.reason)
  return over && job.endRecorded
}

/** Frees what the job holds here, once tendJob has said that it is done. */
export function releaseJob(job: SupervisedJob): void {
  closeSync(job.output)
  rmSync(cancelMark(job.workDir, job.launch.token), { force: true })
}

/** Ends the group gently: the job itself, or what it left behind when it has exited. */
function startEnding(job: SupervisedJob, reason: EndRecord['reason'], now: number): void {
  job.ending = { reason, killAt: now + job.launch.killGraceMs, killedAt: null }
  signalGroup(job.pid, 'SIGTERM')
}

/** A complete directory under a name nobody else uses. */
function prepare(launch: LaunchMessage, workDir: string, supervisor: ProcessIdentity): string {
  const prepared = join(workDir, `.new-${launch.token}-${supervisor.pid}-${launch.id}`)
  rmSync(prepared, { recursive: true, force: true })
  mkdirSync(join(prepared, fileNames.cwd), { recursive: true, mode: 0o700 })
  writeRecord(join(prepared, fileNames.job), jobRecordOf(launch, supervisor))
  const files = Object.entries(launch.files)
  if (files.length > 0) mkdirSync(join(prepared, fileNames.parameters), { mode: 0o700 })
  for (const [name, text] of files) {
    writeFileSync(join(prepared, fileNames.parameters, name), text, { mode: 0o600 })
  }
  return prepared
}

/**
 * Gives the prepared directory its name; false when that name exists. rename(2) never replaces a directory
 * that is not empty, and none of ours is. The name is on disk before the job begins, so that not even a
 * power failure makes a begun job look like one that never was.
 */
function passFence(prepared: string, workDir: string, token: string): boolean {
  try {
    renameSync(prepared, jobDirectory(workDir, token))
  } catch (error) {
    rmSync(prepared, { recursive: true, force: true })
    if (existsSync(jobDirectory(workDir, token))) return false
    throw error
  }
  syncDirectory(workDir)
  return true
}

function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } catch {
    // Some file systems cannot sync a directory; there the fence holds except across a power failure.
  } finally {
    closeSync(descriptor)
  }
}

/** Starts the process, or records why the system refused to. */
function start(
  launch: LaunchMessage,
  directory: string,
  output: number,
): { process: ChildProcess; pid: number } | Promise<string> {
  const [program = '', ...args] = launch.command
  let child: ChildProcess
  try {
    child = spawn(program, args, {
      cwd: join(directory, fileNames.cwd),
      env: launch.environment,
      // The job writes its output straight into the file: both streams in order, and no pipe that would
      // break the job if this process died.
      stdio: ['pipe', output, output],
      // A session and a process group of its own: signals reach all of it and nothing else.
      detached: true,
    })
  } catch (error) {
    // Node throws some refusals (ENOEXEC, E2BIG) and emits the others.
    return Promise.resolve(recordRefusal(launch, directory, error))
  }
  // A job that does not read its input breaks the pipe, which is its right.
  child.stdin?.on('error', () => {})
  if (child.pid === undefined) {
    return once(child, 'error').then(([error]) => recordRefusal(launch, directory, error))
  }
  child.stdin?.end(launch.stdin)
  return { process: child, pid: child.pid }
}

function recordRefusal(launch: LaunchMessage, directory: string, error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error)
  const detail = `${launch.job} could not be started: ${reason}`
  // Should the disk refuse this record, the driver still hears the reason from us.
  tryRecord(join(directory, fileNames.end), endOf('not_started', { detail }))
  return detail
}

function recordStart(job: SupervisedJob): void {
  // Read before the loop collects the child, so even a job that has ended already has an identity.
  const process = identityOf(job.pid) ?? { pid: job.pid, start: 'ended' }
  const record: RunningRecord = { process, startedAt: job.startedAt.toISOString() }
  job.startRecorded = tryRecord(pathIn(job, fileNames.running), record)
}

function recordEnd(job: SupervisedJob, reason: EndRecord['reason']): void {
  const { code, signal } = job.exit ?? { code: null, signal: null }
  const startedAt = job.startedAt.toISOString()
  const detail = reason === 'timed_out' ? `timed out after ${inWords(job.launch.timeoutMs)}` : ''
  const record = endOf(reason, { detail, exitCode: code, signal, startedAt })
  // Without its directory nobody can ever ask for this job; trying for ever would keep the supervisor alive.
  const forgotten = !existsSync(jobDirectory(job.workDir, job.launch.token))
  job.endRecorded = forgotten || tryRecord(pathIn(job, fileNames.end), record)
}

function endOf(reason: EndRecord['reason'], facts: Partial<EndRecord>): EndRecord {
  const finishedAt = new Date().toISOString()
  return { detail: '', exitCode: null, signal: null, startedAt: null, ...facts, reason, finishedAt }
}

/** 1500 -> 1.5 s, 1800000 -> 30 min */
function inWords(ms: number): string {
  return ms >= 120_000 ? `${Math.round(ms / 60_000)} min` : `${ms / 1000} s`
}

function pathIn(job: SupervisedJob, name: string): string {
  return join(jobDirectory(job.workDir, job.launch.token), name)
}

/** False when the disk refused; the next look after the job tries again (a full disk may get space back). */
function tryRecord(path: string, record: RunningRecord | EndRecord): boolean {
  try {
    writeRecord(path, record)
    return true
  } catch {
    return false
  }
}

/** Writes beside and renames, so that a reader sees all of it or none. */
export function writeRecord(path: string, record: object): void {
  writeFileSync(`${path}.tmp`, JSON.stringify(record), { mode: 0o600 })
  renameSync(`${path}.tmp`, path)
}

/**
 * Drops what stands beyond the cap. One byte more than the cap stays: it says that something was dropped.
 * The job appends (O_APPEND), so its next line lands at the new end.
 */
function capOutput(job: SupervisedJob): void {
  const limit = job.launch.outputCap + 1
  try {
    if (fstatSync(job.output).size > limit) ftruncateSync(job.output, limit)
  } catch {
    // An unreadable disk must not stop the supervision of the job.
  }
}
