// A status update that does not come from the run itself: something more to tell its ticket, under the run's
// next number and with its newest picture, because any other picture would set the run on the instance back.
import type { StatusUpdate, TicketChange } from '#shared/status-update.ts'

import type { Queryable } from './pool.ts'
import { insertUpdates, newestUpdate, takeSequence } from './status-updates.ts'

/**
 * Stores the follow-up; the caller wakes the report queue. False = there is no such run, or it has no picture
 * yet. Never droppable: nothing later would tell it.
 */
export async function storeFollowUp(
  client: Queryable,
  run: { instance: string; id: string },
  changeFor: (newest: StatusUpdate) => TicketChange | null,
): Promise<boolean> {
  const sequence = await takeSequence(client, run)
  const newest = await newestUpdate(client, run)
  if (sequence === null || newest === null) return false
  const update = { ...newest, sequence, ticket_change: changeFor(newest) }
  await insertUpdates(client, [{ instance: run.instance, update, droppable: false }])
  return true
}
