// The laws of plans over thousands of generated stories: whatever the platform, the workers, the ticket and the
// people do.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { finalRunStates } from '#shared/vocabulary.ts'

import { laws } from './next-laws.ts'
import { play, scenarios } from './next-model.ts'

/** Stories told; each is held against every law. */
const numRuns = 30_000

describe('next over generated plans and faults', () => {
  it('keeps every law of next-laws.ts', () => {
    const ends = new Map<string, number>()
    fc.assert(
      fc.property(scenarios, (scenario) => {
        const world = play(scenario)
        ends.set(world.run.state, (ends.get(world.run.state) ?? 0) + 1)
        for (const [name, law] of Object.entries(laws)) {
          const wrong = law(world)
          if (wrong !== null) throw new Error(`${name}: ${wrong}`)
        }
      }),
      { numRuns },
    )

    // Stories that never come to an end of some kind would prove nothing about it.
    for (const state of finalRunStates.filter((final) => final !== 'refused')) {
      expect(ends.get(state) ?? 0, state).toBeGreaterThan(numRuns / 200)
    }
  }, 120_000)
})
