// Which processes belong to a program under test: its descendants, and whatever names its folder on its command line
// (a database server belongs to nobody once its starter has gone).
import { execFileSync } from 'node:child_process'

import { identityOf, isAlive } from '../../connector/platforms/local/process-identity.ts'
import type { ProcessIdentity } from '../../connector/platforms/local/process-identity.ts'

/** One process. */
export interface Relative extends ProcessIdentity {
  command: string
}

/** The program itself, its descendants, and processes with the folder on their command line. */
export function familyOf(program: number, folder: string): Relative[] {
  const rows = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.+)$/.exec(line))
    .filter((match) => match !== null)
    // In brackets: it is just ending, or belongs to the system.
    .filter(([, , , command]) => command?.startsWith('[') === false)
    .map(([, pid, parent, command = '']) => ({ pid: Number(pid), parent: Number(parent), command }))
  const family = new Set([program])
  for (let size = 0; size !== family.size;) {
    size = family.size
    for (const { pid, parent, command } of rows) {
      if (family.has(parent) || command.includes(folder)) family.add(pid)
    }
  }
  return rows.flatMap(({ pid, command }) => {
    const identity = family.has(pid) ? identityOf(pid) : null
    return identity === null ? [] : [{ ...identity, command }]
  })
}

/** Those of them that still run. */
export function stillRunning(family: readonly Relative[]): Relative[] {
  return family.filter(isAlive)
}
