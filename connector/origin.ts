// Names that the audit keeps: of runs, and of this process for what no person caused.
import { hostname } from 'node:os'

/** A run, as the audit names it. */
export function runSubject({ instance, id }: { instance: string; id: string }): string {
  return `run/${instance}/${id}`
}

/** Host and process id. */
export function connectorOrigin(): string {
  return `${hostname()} ${process.pid}`
}
