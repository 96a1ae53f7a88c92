// How soon after one update a ticket gets the next: progress waits until the last one is a second old, so that
// a job that reports fast does not write its ticket all the time. What a person must see never waits.
import type { StatusUpdate } from '#shared/status-update.ts'

/** The pace of all tickets, in this process; another connector on the same database keeps its own. */
export interface TicketPace {
  /** Milliseconds until the update may go to its ticket; 0 = now. `canWait` = a later one may take its place. */
  waitMs(delivery: Delivery, canWait: boolean): number
  /** The update goes to its ticket now. */
  sent(delivery: Delivery): void
  /** The instance has the update, and with it what it asked of the ticket. */
  arrived(delivery: Delivery): void
}

/** An update on its way. */
interface Delivery {
  instance: string
  update: StatusUpdate
}

/** What is remembered of a ticket. */
interface Last {
  at: number
  /** What the ticket was asked for in that time: every picture of a running job repeats its start note. */
  asked: Set<string>
}

/** Least time between two updates of a ticket of which the second can wait. */
const pauseMs = 1000

/** Tickets remembered. With more updates in a second than this, the oldest ticket is let through early. */
const maxTickets = 20_000

/** Creates the pace; `now` in milliseconds. */
export function createTicketPace(now: () => number = Date.now): TicketPace {
  // In the order of the last update, the oldest first.
  const tickets = new Map<string, Last>()

  function forget(at: number): void {
    for (const [ticket, last] of tickets) {
      if (at - last.at < pauseMs && tickets.size <= maxTickets) return
      tickets.delete(ticket)
    }
  }

  return {
    waitMs(delivery, canWait) {
      const last = tickets.get(ticketOf(delivery))
      if (last === undefined || !canWait) return 0
      const asked = askedOf(delivery.update)
      if (asked !== null && !last.asked.has(asked)) return 0
      // A clock that was set back must not silence a ticket.
      return Math.min(pauseMs, Math.max(0, last.at + pauseMs - now()))
    },
    sent(delivery) {
      const at = now()
      const ticket = ticketOf(delivery)
      const asked = tickets.get(ticket)?.asked ?? new Set()
      tickets.delete(ticket)
      tickets.set(ticket, { at, asked })
      forget(at)
    },
    arrived(delivery) {
      const asked = askedOf(delivery.update)
      if (asked !== null) tickets.get(ticketOf(delivery))?.asked.add(asked)
    },
  }
}

function ticketOf({ instance, update }: Delivery): string {
  return `${instance}/${update.ticket.sys_id}`
}

/** What the update asks of its ticket; null = nothing. A work note is known by its key. */
function askedOf({ run_id: runId, ticket_change: change }: StatusUpdate): string | null {
  if (change === null) return null
  return JSON.stringify([runId, { ...change, work_note: change.work_note?.key }])
}
