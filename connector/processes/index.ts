// The registry of processes by ticket table. A table without its own process gets work notes and a plan without
// a window, but no state changes of its own making: only what its template's outcome asks for.
import { changeRequest } from './change.ts'
import { incident, otherTicket } from './incident.ts'
import type { Process } from './process.ts'
import { request } from './request.ts'

const processes: ReadonlyMap<string, Process> = new Map([
  ['incident', incident],
  ['change_request', changeRequest],
  ['sc_req_item', request],
])

/** The process for a ticket table. */
export function processFor(table: string): Process {
  return processes.get(table) ?? otherTicket
}
