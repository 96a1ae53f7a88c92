// Waiting for a condition instead of sleeping.
import { setTimeout as wait } from 'node:timers/promises'

/** Resolves with the first value of `probe` that is not false, null or undefined; rejects after the limit. */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  limitMs = 20_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const value = await probe()
    if (value !== false && value !== null && value !== undefined) {
      // The three values just ruled out are what the type leaves out.
      return value as NonNullable<Exclude<T, false>>
    }
    if (Date.now() > deadline) throw new Error(`waited ${limitMs} ms for ${what}`)
    await wait(10)
  }
}
