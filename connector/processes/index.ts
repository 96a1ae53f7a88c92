// The registry of processes by ticket table. A table without its own process gets work notes and the plan of
// an incident, but no state changes of its own making: only what its template's outcome asks for.
import { incident } from './incident.ts'
import type { Process } from './process.ts'

const processes: ReadonlyMap<string, Process> = new Map([['incident', incident]])

/** The process for a ticket table. */
export function processFor(table: string): Process {
  return processes.get(table) ?? incident
}
