// Incidents that an automation solved, newest first, for learning from them.
import { prepared } from './pool.ts'
import type { Queryable } from './pool.ts'

/** A place in the order of solved tickets. */
export interface SolvedPlace {
  /** As the database writes it: its microseconds would be lost in a Date. */
  finished: string
  instance: string
  id: string
}

/** A solved ticket with the event that its run was decided from. */
export interface SolvedTicket extends SolvedPlace {
  template: string
  body: string
}

/**
 * Runs that succeeded for incidents, newest first: at most `limit` that finished before `before` (null = up to now)
 * and after `after` (null = ever). A run that was undone, or whose verification failed, has not succeeded.
 */
export async function solvedTickets(
  db: Queryable,
  {
    before,
    after,
    limit,
  }: { before: SolvedPlace | null; after: SolvedPlace | null; limit: number },
): Promise<SolvedTicket[]> {
  const result = await db.query<SolvedTicket>(
    prepared(
      `select run.finished_at::text as finished, run.instance, run.id, run.template, event.body
     from run join event on event.seq = run.event_seq
     where run.state = 'succeeded' and run.ticket_table = 'incident'
       and ($1::timestamptz is null or (run.finished_at, run.instance, run.id) < ($1, $2, $3))
       and ($4::timestamptz is null or (run.finished_at, run.instance, run.id) > ($4, $5, $6))
     order by run.finished_at desc, run.instance desc, run.id desc limit $7`,
      [...placeValues(before), ...placeValues(after), limit],
    ),
  )
  return result.rows
}

function placeValues(place: SolvedPlace | null): (string | null)[] {
  return [place?.finished ?? null, place?.instance ?? null, place?.id ?? null]
}
