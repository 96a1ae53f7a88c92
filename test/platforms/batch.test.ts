import { expect, it } from 'vitest'

import { createBatch } from '../../connector/platforms/batch.ts'
import { until } from '../support/until.ts'

/** A batch whose loads are kept until they are answered. */
function startBatch() {
  const loads: { keys: readonly string[]; signal: AbortSignal; answer: () => void }[] = []
  const ask = createBatch<string>({
    most: 3,
    gatherMs: 5,
    timeoutMs: 5_000,
    load: (keys, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('unwanted')))
        const values = new Map(keys.map((key) => [key, `value of ${key}`]))
        loads.push({ keys, signal, answer: () => resolve(values) })
      }),
  })
  return { ask, loads }
}

const open = new AbortController().signal

it('asks once for what is asked for at the same time', async () => {
  const { ask, loads } = startBatch()

  const answers = Promise.all([ask('a', open), ask('b', open), ask('a', open)])
  await until('the load', () => loads[0])
  loads[0]?.answer()

  expect(await answers).toEqual(['value of a', 'value of b', 'value of a'])
  expect(loads.map(({ keys }) => keys)).toEqual([['a', 'b']])
})

it('does not wait for more than it may ask for at once', async () => {
  const { ask, loads } = startBatch()

  const answers = Promise.all(['a', 'b', 'c', 'd'].map((key) => ask(key, open)))
  await until('both loads', () => loads.length === 2)
  for (const { answer } of loads) answer()

  expect(await answers).toHaveLength(4)
  expect(loads.map(({ keys }) => keys)).toEqual([['a', 'b', 'c'], ['d']])
})

it('gives up a request for which nobody waits any more, and only that one', async () => {
  const { ask, loads } = startBatch()
  const [one, other, later] = [new AbortController(), new AbortController(), new AbortController()]

  const answers = [ask('a', one.signal), ask('b', other.signal)].map(outcomeOf)
  await until('the load', () => loads[0])
  const next = outcomeOf(ask('c', later.signal))
  one.abort()
  const afterOne = loads[0]?.signal.aborted
  other.abort()
  const outcomes = await Promise.all(answers)
  await until('the next load', () => loads[1])
  loads[1]?.answer()

  expect(afterOne).toBe(false)
  expect(loads[0]?.signal.aborted).toBe(true)
  expect(outcomes).toEqual(['platform_timeout', 'platform_timeout'])
  expect(await next).toBe('value of c')
})

it('still answers who joins after the first gave up', async () => {
  const { ask, loads } = startBatch()
  const first = new AbortController()

  const gone = outcomeOf(ask('a', first.signal))
  first.abort()
  const stays = ask('b', open)
  await until('the load', () => loads[0])
  loads[0]?.answer()

  expect(await gone).toBe('platform_timeout')
  expect(await stays).toBe('value of b')
})

async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    return await promise
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
}
