// Which process a number means. A pid alone is reused by the system; a pid with its start time is not.
// Linux: field 22 of /proc/<pid>/stat (proc_pid_stat(5)) with the boot id; elsewhere `ps -o lstart=`.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** One process, never another one that got its number later. */
export interface ProcessIdentity {
  pid: number
  start: string
}

interface ProcessFacts {
  start: string
  group: number
  /** Ended, only not collected by its parent yet. */
  zombie: boolean
}

const onLinux = process.platform === 'linux'
const bootId = onLinux ? readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim() : ''

/** Identity of a running (or just ended, uncollected) process; null when there is none. */
export function identityOf(pid: number): ProcessIdentity | null {
  const facts = factsOf(pid)
  return facts === null ? null : { pid, start: facts.start }
}

/** True while exactly this process runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const facts = factsOf(identity.pid)
  return facts !== null && !facts.zombie && facts.start === identity.start
}

/** True while the process group has a member that runs. */
export function groupIsAlive(group: number): boolean {
  try {
    process.kill(-group, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
  // Where process 1 collects nothing (some containers), ended members stay for ever and still count for kill.
  return !onLinux || hasLiveMember(group)
}

/** Sends a signal to every member of the group; false when there is none left. */
export function signalGroup(group: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    return process.kill(-group, signal)
  } catch {
    // ESRCH: nobody left. EPERM: only members that became another user; nothing more can be done.
    return false
  }
}

function hasLiveMember(group: number): boolean {
  return readdirSync('/proc').some((name) => {
    if (!/^[0-9]+$/.test(name)) return false
    const facts = factsOf(Number(name))
    return facts !== null && facts.group === group && !facts.zombie
  })
}

function factsOf(pid: number): ProcessFacts | null {
  return onLinux ? factsFromProc(pid) : factsFromPs(pid)
}

function factsFromProc(pid: number): ProcessFacts | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    // ENOENT or ESRCH: there is no such process.
    return null
  }
  // The name in brackets may itself hold blanks and brackets: fields count from the last bracket.
  const [state = '', , group, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = rest[16]
  if (ticks === undefined) return null
  return {
    start: `${bootId}:${ticks}`,
    group: Number(group),
    zombie: state === 'Z' || state === 'X',
  }
}

function factsFromPs(pid: number): ProcessFacts | null {
  const environment = { LC_ALL: 'C', PATH: '/usr/bin:/bin' }
  const result = spawnSync('ps', ['-o', 'stat=,pgid=,lstart=', '-p', String(pid)], {
    env: environment,
    encoding: 'utf8',
    timeout: 5000,
  })
  const [state, group, ...start] = result.stdout.trim().split(/\s+/)
  if (result.status !== 0 || state === undefined || start.length === 0) return null
  return { start: start.join(' '), group: Number(group), zombie: state.startsWith('Z') }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
