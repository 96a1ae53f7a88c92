// The pace of requests to a platform.
import { expect, it } from 'vitest'

import { createRate } from '../../connector/platforms/rate.ts'
import { soon } from './launch.ts'

it('lets so many through in a second, in order', async () => {
  const rate = createRate(100)
  const began = performance.now()
  const passed: number[] = []

  await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      await rate.turn(soon())
      passed.push(index)
    }),
  )

  // A quarter of a second may go at once after a pause.
  expect(performance.now() - began).toBeGreaterThan(200)
  expect(passed).toEqual(passed.toSorted((a, b) => a - b))
})

it('gives the turns of those that gave up to others', async () => {
  const rate = createRate(10)
  const given = new AbortController()
  const waiting = Array.from({ length: 60 }, () => rate.turn(given.signal))

  given.abort()
  const outcomes = await Promise.allSettled(waiting)
  await rate.turn(AbortSignal.timeout(2000))

  const failures = outcomes.filter(({ status }) => status === 'rejected')
  expect(failures.length).toBeGreaterThan(50)
  expect(failures[0]).toMatchObject({ reason: { code: 'platform_rate_limited', retryable: true } })
})

it('refuses at once what could not have its turn within a call, and says when to come back', async () => {
  const rate = createRate(1)
  const given = new AbortController()
  const waiting = Promise.allSettled(Array.from({ length: 9 }, () => rate.turn(given.signal)))

  await expect(rate.turn(given.signal)).rejects.toMatchObject({
    code: 'platform_rate_limited',
    retryAfterMs: expect.any(Number),
  })
  given.abort()
  await waiting
})
