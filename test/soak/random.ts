// Chance that can be repeated: the same seed gives the same choices (not the same moments).

/** A source of chance. */
export interface Random {
  /** From 0 up to, not including, 1. */
  next(): number
  /** True with this probability. */
  happens(probability: number): boolean
  /** A whole number of milliseconds in the range. */
  between(from: number, to: number): number
  /** One of them. */
  oneOf<T>(choices: readonly T[]): T | undefined
}

/** Mulberry32, by Tommy Ettinger (public domain): small, and good enough to pick moments with. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    happens: (probability) => next() < probability,
    between: (from, to) => Math.round(from + next() * (to - from)),
    oneOf: (choices) => choices[Math.floor(next() * choices.length)],
  }
}
