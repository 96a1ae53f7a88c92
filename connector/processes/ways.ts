// Where each end of a run may lead a ticket, by its table. What a template asks for beyond that is refused when it
// is published, and told in the note by versions that were published before. Pure.
import type { Ways } from './outcomes.ts'

const incidentWays: Ways = {
  succeeded: ['in_progress', 'on_hold', 'resolved', 'closed'],
  failed: ['in_progress', 'on_hold'],
  cancelled: ['in_progress', 'on_hold', 'closed', 'cancelled'],
  rolled_back: ['in_progress', 'on_hold'],
}

const changeWays: Ways = {
  succeeded: ['implement', 'review', 'closed'],
  failed: ['implement', 'review', 'closed'],
  cancelled: ['implement', 'review', 'closed', 'cancelled'],
  rolled_back: ['implement', 'review', 'closed'],
}

/** An order is never cancelled by an automation that failed; on hold is no state of it. */
const requestWays: Ways = {
  succeeded: ['in_progress', 'closed', 'closed_incomplete'],
  failed: ['in_progress', 'closed_incomplete'],
  cancelled: ['in_progress', 'closed_incomplete', 'cancelled'],
  rolled_back: ['in_progress', 'closed_incomplete'],
}

/** Tables of which nothing is known: what the template asks for, but no failure ends as done or cancelled. */
const otherWays: Ways = {
  succeeded: [...incidentWays.succeeded, 'implement', 'review', 'closed_incomplete'],
  failed: [...incidentWays.failed, 'review', 'closed_incomplete'],
  cancelled: [...incidentWays.cancelled, 'review', 'closed_incomplete'],
  rolled_back: [...incidentWays.rolled_back, 'review', 'closed_incomplete'],
}

const waysByTable: ReadonlyMap<string, Ways> = new Map([
  ['incident', incidentWays],
  ['change_request', changeWays],
  ['sc_req_item', requestWays],
])

/** The ways of tickets of a table. */
export function waysOf(table: string): Ways {
  return waysByTable.get(table) ?? otherWays
}
