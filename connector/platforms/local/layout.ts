// What the built-in runner keeps on disk, and what the driver and its supervisor say to each other.
//
//   <work_dir>/<token>/              the fence: made once, by rename, by the supervisor that begins the job
//     job.json                       who supervises it
//     running.json                   pid and start time of the job
//     output                         what it prints, both streams in their true order
//     cwd/ parameters/               its working directory; values too large for an environment
//     end.json                       how it ended; final
//   <work_dir>/runner-id             which work_dir this is: home.ts. Not hidden, so that it goes with the jobs
//                                    when somebody empties the folder
//   <work_dir>/.waiting/<token>.json accepted, waits for a free place: certainly not begun
//   <work_dir>/.cancel/<token>       somebody asked to end it
//
//                      no directory, no .waiting          never launched            find: null
//                      .waiting, supervisor alive         pending                   find: the job
//                      .waiting, supervisor dead          never began               find: null, status: failed
//   directory, then:   end.json                           final                     find: the job
//                      running.json, supervisor alive     running
//                      running.json, supervisor dead      running while the job lives, then unknown
//                      neither, supervisor alive          pending (being started)
//                      neither, supervisor dead           unknown (may have begun)
//
// Only a supervisor can begin a job, only by winning the rename, and the directory outlives the job by the
// retention: so a token runs at most once, whoever asks, however often. Times are ISO 8601 in UTC.
import { join } from 'node:path'

/** Where things are in the directory of one job. */
export const fileNames = {
  job: 'job.json',
  running: 'running.json',
  end: 'end.json',
  output: 'output',
  cwd: 'cwd',
  parameters: 'parameters',
} as const

/** Directory of the job with this token. */
export function jobDirectory(workDir: string, token: string): string {
  return join(workDir, token)
}

/** The mark that somebody asked to end the job. */
export function cancelMark(workDir: string, token: string): string {
  return join(workDir, '.cancel', token)
}

/** The record of a job that waits for a free place. */
export function waitingRecord(workDir: string, token: string): string {
  return join(workDir, '.waiting', `${token}.json`)
}
