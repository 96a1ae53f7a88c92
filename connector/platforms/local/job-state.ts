// What is known of a job from its files: the table at the head of layout.ts as code.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { z } from 'zod'

import { fileNames, jobDirectory, waitingRecord } from './layout.ts'
import { isAlive, signalGroup } from './process-identity.ts'
import { EndRecord, JobRecord, RunningRecord } from './records.ts'

/** What became of a token. `lost`: the supervisor died and nobody knows how the job ended, or if it began. */
export type LocalJob =
  | { is: 'none' }
  | { is: 'waiting'; record: JobRecord }
  | { is: 'never_began'; record: JobRecord }
  | { is: 'starting'; record: JobRecord }
  | { is: 'running'; record: JobRecord; running: RunningRecord }
  /** Runs, but nobody will be told its exit code. */
  | { is: 'orphaned'; record: JobRecord; running: RunningRecord }
  | { is: 'lost'; running: RunningRecord | null }
  | { is: 'ended'; end: EndRecord }

/** Reads the state of a token. Rejects only with errors of the file system. */
export async function readLocalJob(workDir: string, token: string): Promise<LocalJob> {
  const begun = await readBegun(workDir, token)
  if (begun !== null) return begun
  const record = await readRecord(waitingRecord(workDir, token), JobRecord)
  // It may have moved from waiting to its directory between the two looks.
  const since = await readBegun(workDir, token)
  if (since !== null) return since
  if (record === null || record === 'unreadable') return { is: 'none' }
  if (isAlive(record.supervisor)) return { is: 'waiting', record }
  return (await readBegun(workDir, token)) ?? { is: 'never_began', record }
}

/** Ends an orphaned job: its supervisor cannot do it any more. */
export function signalOrphan(running: RunningRecord, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (isAlive(running.process)) signalGroup(running.process.pid, signal)
}

async function readBegun(workDir: string, token: string): Promise<LocalJob | null> {
  const directory = jobDirectory(workDir, token)
  const record = await readRecord(join(directory, fileNames.job), JobRecord)
  if (record === null) return null
  // Asked before the records are read: a supervisor that is alive after them may have ended in between.
  const supervised = record !== 'unreadable' && isAlive(record.supervisor)
  const end = await readRecord(join(directory, fileNames.end), EndRecord)
  if (end !== null && end !== 'unreadable') return { is: 'ended', end }
  const running = await readRecord(join(directory, fileNames.running), RunningRecord)
  const known = running === 'unreadable' ? null : running
  if (record === 'unreadable') return { is: 'lost', running: known }
  if (supervised) {
    return known === null ? { is: 'starting', record } : { is: 'running', record, running: known }
  }
  if (known !== null && isAlive(known.process)) return { is: 'orphaned', record, running: known }
  return { is: 'lost', running: known }
}

/** Null = there is no such file; `unreadable` = a power failure left it incomplete. */
async function readRecord<T>(path: string, shape: z.ZodType<T>): Promise<T | 'unreadable' | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw error
  }
  try {
    const parsed = shape.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : 'unreadable'
  } catch {
    return 'unreadable'
  }
}
