// The pause between two updates of a ticket, over any order of updates and times.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createTicketPace } from '../connector/ticket-pace.ts'

describe('the pace of tickets', () => {
  it('lets through what can wait a second after the last update of the ticket, never sooner or later', () => {
    const moves = fc.array(
      fc.record({
        ticket: fc.constantFrom('a', 'b', 'c'),
        later: fc.integer({ min: 0, max: 700 }),
        canWait: fc.boolean(),
      }),
      { maxLength: 60 },
    )

    fc.assert(
      fc.property(moves, (all) => {
        let time = 0
        const pace = createTicketPace(() => time)
        const last = new Map<string, number>()
        for (const { ticket, later, canWait } of all) {
          time += later
          const expected = Math.max(0, (last.get(ticket) ?? -1000) + 1000 - time)
          expect(pace.waitMs(ticket)).toBe(expected)
          if (canWait && expected > 0) continue
          pace.sent(ticket)
          last.set(ticket, time)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('forgets the oldest tickets when there are more than it can remember', () => {
    const pace = createTicketPace(() => 0)

    for (let count = 0; count < 20_001; count++) pace.sent(`ticket-${count}`)

    expect(pace.waitMs('ticket-0')).toBe(0)
    expect(pace.waitMs('ticket-1')).toBe(1000)
    expect(pace.waitMs('ticket-20000')).toBe(1000)
  })
})
