// Which of the fitting templates a trigger without a person starts. Pure.
import { strengthOf } from './matching/catalog.ts'
import type { Weighed } from './weigh.ts'

/** The one that runs, or those that tie. */
export interface Choice<T extends Weighed = Weighed> {
  /** Fitting templates with the highest priority: one runs, several tie. */
  best: readonly T[]
  /** Fitting templates that came second. */
  outranked: readonly T[]
}

/** An order goes to the strongest binding; then, as for every other ticket, the highest priority wins. */
export function choose<T extends Weighed>(weighed: readonly T[]): Choice<T> {
  const fitting = weighed.filter(({ decision }) => decision.fits)
  const strongest = highest(fitting, ({ binding }) => strengthOf(binding))
  const best = highest(strongest, ({ published }) => published.template.priority)
  return { best, outranked: fitting.filter((one) => !best.includes(one)) }
}

function highest<T>(weighed: readonly T[], rank: (one: T) => number): readonly T[] {
  const top = Math.max(...weighed.map(rank))
  return weighed.filter((one) => rank(one) === top)
}
