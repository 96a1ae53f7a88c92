// How soon after one update a ticket gets the next: progress waits until the last one is a second old, so that
// a job that reports fast does not write its ticket all the time. What a person must see never waits.

/** The pace of all tickets, in this process; another connector on the same database keeps its own. */
export interface TicketPace {
  /** Milliseconds until the ticket may get an update that can wait; 0 = now. */
  waitMs(ticket: string): number
  /** An update goes to the ticket now. */
  sent(ticket: string): void
}

/** Least time between two updates of a ticket of which the second can wait. */
const pauseMs = 1000

/** Tickets remembered. With more updates in a second than this, the oldest ticket is let through early. */
const maxTickets = 20_000

/** Creates the pace; `now` in milliseconds. */
export function createTicketPace(now: () => number = Date.now): TicketPace {
  // In the order of the last update, the oldest first.
  const last = new Map<string, number>()

  function forget(at: number): void {
    for (const [ticket, sentAt] of last) {
      if (at - sentAt < pauseMs && last.size <= maxTickets) return
      last.delete(ticket)
    }
  }

  return {
    waitMs(ticket) {
      const sentAt = last.get(ticket)
      if (sentAt === undefined) return 0
      // A clock that was set back must not silence a ticket.
      return Math.min(pauseMs, Math.max(0, sentAt + pauseMs - now()))
    },
    sent(ticket) {
      const at = now()
      last.delete(ticket)
      last.set(ticket, at)
      forget(at)
    },
  }
}
