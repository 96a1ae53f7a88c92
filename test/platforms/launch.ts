// Launches as tests make them; used by processes outside the test runner as well.
import { randomUUID } from 'node:crypto'

import type { DeclaredParameter, LaunchRequest } from '../../connector/platforms/driver.ts'

/** A launch of `job`; everything can be overridden. */
export function launchOf(job: string, changes: Partial<LaunchRequest> = {}): LaunchRequest {
  return {
    token: randomUUID(),
    job,
    parameters: {},
    secrets: [],
    timeoutMs: 60_000,
    targets: [],
    ticket: { table: 'incident', sysId: '0123456789abcdef0123456789abcdef', number: 'INC0010001' },
    requestedBy: 'beth.anglin',
    ...changes,
  }
}

/** Parameters as a template declares them. */
export function declared(...names: string[]): DeclaredParameter[] {
  return names.map((name) => ({ name, type: 'string', required: false }))
}

/** A time limit for one call. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(10_000)
}
