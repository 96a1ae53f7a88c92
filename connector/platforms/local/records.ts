// The records of layout.ts as they are written, and what the driver and its supervisor say to each other.
// The supervisor imports types only: it starts faster without zod, and it writes what is read here.
import { z } from 'zod'

const Identity = z.object({ pid: z.int(), start: z.string() })

/** job.json and .waiting/<token>.json */
export const JobRecord = z.object({
  token: z.string(),
  job: z.string(),
  ticket: z.string(),
  supervisor: Identity,
  acceptedAt: z.iso.datetime(),
  timeoutMs: z.number(),
  killGraceMs: z.number(),
})
export type JobRecord = z.infer<typeof JobRecord>

/** running.json */
export const RunningRecord = z.object({
  process: Identity,
  startedAt: z.iso.datetime(),
})
export type RunningRecord = z.infer<typeof RunningRecord>

/** end.json. `not_started`: the system refused to start the file. `detail`: the reason in words, or empty. */
export const EndRecord = z.object({
  reason: z.enum(['exited', 'cancelled', 'timed_out', 'not_started']),
  detail: z.string(),
  exitCode: z.int().nullable(),
  signal: z.string().nullable(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime(),
})
export type EndRecord = z.infer<typeof EndRecord>

/** Driver to supervisor: everything the job needs. Never on disk, because it holds secrets. */
export interface LaunchMessage {
  id: number
  token: string
  job: string
  ticket: string
  /** Program and arguments. */
  command: readonly string[]
  environment: Record<string, string>
  stdin: string
  /** Values for parameters/, by parameter name. */
  files: Record<string, string>
  timeoutMs: number
  killGraceMs: number
  /** Bytes. */
  outputCap: number
  maxRunning: number
}

/** What became of a launch. `exists`: this token has been launched before. */
export type LaunchReply =
  | { id: number; outcome: 'begun' | 'waiting' | 'exists' }
  | { id: number; outcome: 'failed'; began: boolean; reason: string }

/** Supervisor to driver, when a job has its end.json. */
export interface EndedMessage {
  ended: string
}
