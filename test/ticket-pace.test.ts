// The pause between two updates of a ticket, over any order of updates and times.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { StatusUpdate, TicketChange } from '#shared/status-update.ts'

import { createTicketPace } from '../connector/ticket-pace.ts'

function delivery(
  ticket: string,
  change: TicketChange | null = null,
): { instance: string; update: StatusUpdate } {
  const update: StatusUpdate = {
    run_id: 'a'.repeat(32),
    sequence: 1,
    time: '2026-06-10T12:00:00.000Z',
    ticket: { table: 'incident', sys_id: ticket, number: 'INC0010001' },
    template: { name: 'free', version: 1, title: 'Free disk space' },
    trigger: 'manual',
    requested_by: 'beth',
    state: 'running',
    phase: null,
    step: null,
    progress: 0,
    message: '',
    job: null,
    output: null,
    decision: null,
    ticket_change: change,
  }
  return { instance: 'acme', update }
}

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
          const waitMs = Math.max(0, (last.get(ticket) ?? -1000) + 1000 - time)
          expect(pace.waitMs(delivery(ticket), canWait)).toBe(canWait ? waitMs : 0)
          if (canWait && waitMs > 0) continue
          pace.sent(delivery(ticket))
          last.set(ticket, time)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('lets through what the ticket was not asked for yet, until that has arrived', () => {
    const start = delivery('a', { work_note: { key: 'start', text: 'Started.' } })
    const moved = delivery('a', { ...start.update.ticket_change, transition: 'in_progress' })
    const pace = createTicketPace(() => 0)
    pace.sent(delivery('a'))

    expect(pace.waitMs(start, true)).toBe(0)
    pace.sent(start)
    expect(pace.waitMs(start, true)).toBe(0)
    pace.arrived(start)
    expect(pace.waitMs(start, true)).toBe(1000)
    expect(pace.waitMs(moved, true)).toBe(0)
    // A copy of the instance has the same tickets.
    expect(pace.waitMs({ ...start, instance: 'copy' }, true)).toBe(0)
  })

  it('forgets the oldest tickets when there are more than it can remember', () => {
    const pace = createTicketPace(() => 0)

    for (let count = 0; count < 20_001; count++) pace.sent(delivery(`ticket-${count}`))

    expect(pace.waitMs(delivery('ticket-0'), true)).toBe(0)
    expect(pace.waitMs(delivery('ticket-1'), true)).toBe(1000)
    expect(pace.waitMs(delivery('ticket-20000'), true)).toBe(1000)
  })
})
