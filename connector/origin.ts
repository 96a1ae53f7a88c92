// This process, by a name that the audit keeps for what no person caused.
import { hostname } from 'node:os'

/** Host and process id. */
export function connectorOrigin(): string {
  return `${hostname()} ${process.pid}`
}
