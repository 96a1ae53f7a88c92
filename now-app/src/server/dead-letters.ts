// Dead letters: rows that were given up. What their run says then, and how an admin sends them again.
import { gs, GlideRecord } from '@servicenow/glide'

import { missingSecrets } from './build-event.ts'
import { nowMs, storedTime } from './clock.ts'
import { outboxTable, wake } from './outbox.ts'
import { failRun, isFinalState, runTable } from './run-record.ts'
import { writeWorkNote } from './work-note.ts'

const adminRole = 'x_snc_ticket_auto.admin'

/** Dead letters one click sends again at most: a click must stay a short transaction. */
const manyRows = 1000

/** A request that was given up ends its run; a cancel that was given up says so and can be asked again. */
export function tellRun(row: GlideRecord, reason: string): void {
  gs.error('Ticket Automation: event {0} is a dead letter: {1}', row.getValue('event_id'), reason)
  const runId = row.getValue('run')
  if (!runId) return
  if (row.getValue('event_type') === 'run.cancel_requested') {
    takeCancelBack(runId, reason)
    return
  }
  const message = `The automation was not started: the connector did not take the request. ${reason}`
  const run = failRun(runId, message)
  if (run) writeWorkNote(row.getValue('ticket_table'), row.getValue('ticket'), message)
}

function takeCancelBack(runSysId: string, reason: string): void {
  const run = new GlideRecord(runTable)
  if (!run.get('sys_id', runSysId) || isFinalState(run.getValue('state'))) return
  run.setValue('cancel_requested', false)
  run.setValue('message', `The cancel did not reach the connector; cancel again. ${reason}`)
  run.update()
}

/** UI action on a dead letter: back into the outbox with its attempts forgotten. */
export function retryDeadLetter(current: GlideRecord): void {
  if (!gs.hasRole(adminRole) || current.getValue('state') !== 'dead') {
    gs.addErrorMessage('Only an admin of Ticket Automation can send a dead letter again.')
    return
  }
  const missing = missingSecrets(current)
  if (missing.length > 0) {
    gs.addErrorMessage(
      `It cannot be sent again: its secret parameters (${missing.join(', ')}) are gone. Run the automation again on the ticket.`,
    )
    return
  }
  revive(current)
  gs.addInfoMessage('The message is on its way again.')
}

/** UI action on the list: the same for every dead letter that can be sent again, oldest first. */
export function retryAllDeadLetters(): void {
  if (!gs.hasRole(adminRole)) {
    gs.addErrorMessage('Only an admin of Ticket Automation can send dead letters again.')
    return
  }
  const rows = new GlideRecord(outboxTable)
  rows.addQuery('state', 'dead')
  rows.orderBy('position')
  rows.setLimit(manyRows)
  rows.query()
  let revived = 0
  let left = 0
  while (rows.next()) {
    if (missingSecrets(rows).length > 0) {
      left += 1
      continue
    }
    revive(rows)
    revived += 1
  }
  gs.addInfoMessage(`${revived} messages are on their way again.`)
  if (left > 0) gs.addErrorMessage(`${left} stay: their secret parameters are gone.`)
}

function revive(row: GlideRecord): void {
  row.setValue('state', 'pending')
  row.setValue('attempts', 0)
  row.setValue('next_attempt', storedTime(nowMs()))
  row.update()
  wake(row)
}
