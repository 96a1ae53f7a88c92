// Which file a template's job reference means, and whether it may be started.
import { constants } from 'node:fs'
import { access, open, realpath, stat } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'

import type { ErrorCode } from '../../errors.ts'

/** A file that can be started: program and arguments. */
export interface JobFile {
  command: readonly string[]
}

/** Why it cannot, and what to do. */
export interface JobFileProblem {
  code: ErrorCode
  reason: string
  hint: string
}

/** Endings that the connector's own Node runs, so that they need neither a first line nor a node in PATH. */
const nodeEndings: readonly string[] = ['.js', '.mjs', '.cjs', '.ts', '.mts']

/**
 * Finds the file `job` inside `jobsDir`. It must be a regular file in there (links that lead out do not
 * count), executable, and not writable by everybody. Node scripts need the executable bit as well: it is
 * what tells a job from the settings and modules that lie beside it.
 */
export async function findJobFile(jobsDir: string, job: string): Promise<JobFile | JobFileProblem> {
  const path = await realPathInside(jobsDir, job)
  if (path === null) {
    const reason = `there is no file ${job} in the jobs folder`
    const hint = 'Put the file there, or correct `job`: it is a path inside jobs_dir'
    return { code: 'platform_job_not_found', reason, hint }
  }
  const facts = await stat(path)
  if (!facts.isFile()) {
    return forbidden(`${job} is not a regular file`, 'Name an executable file inside jobs_dir')
  }
  if ((facts.mode & 0o002) !== 0) {
    return forbidden(`everybody may change ${job}`, `Run: chmod o-w ${job}`)
  }
  if (!(await isExecutable(path))) {
    return forbidden(`${job} is not executable`, `Run: chmod +x ${job}`)
  }
  if (nodeEndings.includes(extname(path))) return { command: [process.execPath, path] }
  return (await interpreterProblem(path, job)) ?? { command: [path] }
}

async function realPathInside(jobsDir: string, job: string): Promise<string | null> {
  if (job === '' || job.includes('\0')) return null
  try {
    const root = await realpath(jobsDir)
    const path = await realpath(join(root, job))
    const inside = relative(root, path)
    return inside === '' || inside === '..' || inside.startsWith(`..${sep}`) ? null : path
  } catch {
    // ENOENT, ELOOP, EACCES, ENAMETOOLONG: none of them is a file that could be started.
    return null
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * A script names its interpreter in the first line. Without one the system would hand it to a shell, and
 * the system's own message for a wrong one misleads. Programs are told by a NUL near their start.
 */
async function interpreterProblem(path: string, job: string): Promise<JobFileProblem | null> {
  await using file = await open(path, 'r')
  const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0)
  const start = buffer.toString('latin1', 0, bytesRead)
  if (start.includes('\0')) return null
  if (!start.startsWith('#!')) {
    const reason = `${job} is neither a program nor a script with a first line such as #!/bin/sh`
    return {
      code: 'job_start_failed',
      reason,
      hint: 'Add the first line that names its interpreter',
    }
  }
  const [interpreter = ''] = start.slice(2).split('\n', 1)[0]?.trim().split(/\s+/, 1) ?? []
  if (await isExecutable(interpreter)) return null
  const hint =
    'Correct the first line of the file, or install that program (and check for CRLF line ends)'
  const reason = `${job} wants to be run by ${JSON.stringify(interpreter)}, which is not there`
  return { code: 'job_start_failed', reason, hint }
}

function forbidden(reason: string, hint: string): JobFileProblem {
  return { code: 'platform_forbidden', reason, hint }
}
