// The learned classifier on tickets it has not seen: how often it suggests something at the precision it promises,
// and how often it stays silent about kinds nobody has taught it. `node test/bench/classifier.ts` prints a table.
import { pathToFileURL } from 'node:url'

import { suggest, train, wordsOf } from '../../connector/matching/learned.ts'
import type { Example, Model } from '../../connector/matching/learned.ts'
import { knownTexts, strangeTexts } from './incident-texts.ts'
import type { LabelledText } from './incident-texts.ts'

/** Tickets to learn from; the last size is what the connector learns from at most. */
const sizes = [300, 1_000, 5_000, 20_000] as const

const heldOut = 3_000
const promised = 0.95

/** What came of the held-out texts; a plain JSON value. */
export type Measured = {
  /** Share of texts of known kinds that got a suggestion. */
  readonly coverage: number
  /** Share of those suggestions that were right. */
  readonly precision: number
  /** Share of texts of unknown kinds that got a suggestion; each one is wrong. */
  readonly strangers_suggested: number
  /** Share of suggestions that were right when half of all tickets are of unknown kinds. */
  readonly precision_with_strangers: number
}

/** Trains on one seed and measures on others, for several sizes. */
export function benchClassifier(): (Measured & { trained_on: number; train_ms: number })[] {
  return sizes.map((size) => {
    const examples = examplesOf(knownTexts(size, 1))
    const start = performance.now()
    const model = train(examples, promised)
    const trainMs = Math.round(performance.now() - start)
    const measured = measure(model, knownTexts(heldOut, 2), strangeTexts(heldOut, 3))
    return { trained_on: size, train_ms: trainMs, ...measured }
  })
}

/** The texts as tickets whose automation succeeded. */
export function examplesOf(texts: readonly LabelledText[]): Example[] {
  return texts.flatMap(({ text, label }) =>
    label === null ? [] : [{ label, words: wordsOf(text) }],
  )
}

/** Asks the model about texts it has not seen. */
export function measure(
  model: Model,
  known: readonly LabelledText[],
  strange: readonly LabelledText[],
): Measured {
  const said = known.flatMap(({ text, label }) => {
    const suggestion = suggest(model, text)
    return suggestion === null ? [] : [suggestion.label === label]
  })
  const right = said.filter(Boolean).length
  const wrong = strange.filter(({ text }) => suggest(model, text) !== null).length
  return {
    coverage: share(said.length, known.length),
    precision: share(right, said.length),
    strangers_suggested: share(wrong, strange.length),
    precision_with_strangers: share(right, said.length + wrong),
  }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1_000) / 1_000
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.table(benchClassifier())
