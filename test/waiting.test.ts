// What a run that rests is told to be: waiting for its window, on hold, or what it was before.
import { describe, expect, it } from 'vitest'

import type { Flight } from '../connector/flight.ts'
import { planRun } from '../connector/plan.ts'
import { defaultPolicy } from '../connector/policy.ts'
import { wait } from '../connector/waiting.ts'
import { makeTicket } from './support/events.ts'
import { makeTemplate, publish } from './support/templates.ts'

const now = new Date('2026-06-10T12:00:00Z')
const until = new Date('2026-06-10T12:00:30Z')

function flightWith(run: Partial<Flight['run']>): Flight {
  const template = makeTemplate()
  const planned = planRun({
    instance: 'acme',
    id: 'a'.repeat(32),
    eventSeq: '7',
    ticketKey: 'acme/incident/1',
    ticket: makeTicket(),
    published: publish(template),
    trigger: 'manual',
    requestedBy: 'abel.agent',
    decision: {
      template: template.name,
      version: 1,
      fits: true,
      summary: '',
      rules: [],
      checks: [],
    },
    parameters: {},
    targets: [],
    policy: defaultPolicy,
  })
  return { ...planned, run: { ...planned.run, created_at: now, ...run } }
}

/** What is stored for the run, in words. */
async function rest(flight: Flight): Promise<string[]> {
  const said: string[] = []
  const store: Parameters<typeof wait>[2]['store'] = {
    save: () => Promise.resolve(true),
    saveAndReport(_flight, { wakeAt }) {
      said.push(`told, woken at ${wakeAt?.toISOString()}`)
      return Promise.resolve(true)
    },
    wake(_key, at) {
      said.push(`woken at ${at.toISOString()}`)
      return Promise.resolve()
    },
  }
  // Resting calls no platform, asks no instance and counts nothing.
  const deps = { store, now: () => now, gate: { policy: defaultPolicy } } as Parameters<
    typeof wait
  >[2]
  await wait(flight, until, deps)
  return said
}

const rested = `woken at ${until.toISOString()}`

describe('a run that rests', () => {
  it('on hold is told as waiting, once', async () => {
    const flight = flightWith({ hold_reason: 'The ticket is on hold.' })

    expect(await rest(flight)).toEqual([`told, ${rested}`])
    expect(flight.run).toMatchObject({
      state: 'waiting',
      message: 'On hold: The ticket is on hold. It waits until 2026-06-13 12:00 UTC at most.',
    })
    expect(await rest(flight)).toEqual([rested])
  })

  it('before its window is told when that is', async () => {
    const flight = flightWith({ window_start: new Date('2026-06-10T14:00:00Z') })

    expect(await rest(flight)).toEqual([`told, ${rested}`])
    expect(flight.run).toMatchObject({
      state: 'waiting',
      message: 'Waiting for its window: 2026-06-10 14:00 UTC.',
    })
  })

  it('before its window and on hold is told both', async () => {
    const flight = flightWith({
      hold_reason: 'The auditors are in.',
      window_start: new Date('2026-06-10T14:00:00Z'),
    })

    expect(await rest(flight)).toEqual([`told, ${rested}`])
    expect(flight.run.message).toBe(
      'On hold: The auditors are in. Its window: 2026-06-10 14:00 UTC.',
    )
  })

  it('between two tries of a rollback stays a rollback, on hold or not', async () => {
    const flight = flightWith({ state: 'rolling_back', hold_reason: 'On hold.', due_at: until })

    expect(await rest(flight)).toEqual([rested])
    expect(flight.run).toMatchObject({ state: 'rolling_back', due_at: until })
  })
})
