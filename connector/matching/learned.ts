// What helped with earlier tickets: a naive Bayes classifier over the words of tickets whose automation succeeded.
// It suggests only where it was right often enough on tickets held out of its training, and abstains otherwise.
// Pure; learned-store.ts feeds it.
import type { Classification } from '#shared/preview.ts'

import { calibrate, confidenceAt } from './calibrate.ts'
import type { Calibration, Trial } from './calibrate.ts'
import { foldText, wordsIn } from './fold-text.ts'

/** A ticket whose automation succeeded. */
export interface Example {
  /** Name of the template that helped. */
  label: string
  /** Its different words (wordsOf). */
  words: readonly string[]
}

/** What was learned. Counts are of tickets, not of occurrences: a log repeats itself. */
export interface Model {
  labels: readonly string[]
  /** Tickets per label. */
  tickets: readonly number[]
  /** Per word, how many tickets of each label have it. */
  counts: ReadonlyMap<string, readonly number[]>
  /** Null = it could not be shown to be right often enough, so it never suggests. */
  calibration: Calibration | null
}

/** Fewest tickets a label needs; templates that helped less often count as "something else". */
const minTickets = 20

/** Tickets that are held out in turn to find the threshold; more would not make it more exact. */
const maxTrials = 4_000

/** Most tickets are about something no automation helps with; so many are assumed for each that one helps with. */
const strangersPerKnown = 2

/** Words known at most; the most frequent ones. */
const maxVocabulary = 20_000

/** What is read of a ticket's text, in UTF-16 units, and kept of its words. */
const maxTextLength = 4_000
const maxWords = 200

/** Tickets with a word that are assumed to exist unseen. */
const unseen = 0.5

/** Share of words that have nothing to do with what a ticket is about; says how much a strange word counts against. */
const strangeShare = 0.2

/** Tickets counted, and tickets tried, in one step of a training. */
const countedAtOnce = 50
const triedAtOnce = 4

/** Words a suggestion names. */
const namedWords = 4

/** Addresses and names with several dots: they are about one machine or person, not about a kind of trouble. */
const addresses = /\S+:\/\/\S+|\S+@\S+|[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+){2,}/gu

/** The different words of a ticket in their order, folded; without addresses, digits and single letters. */
export function wordsOf(text: string): string[] {
  const folded = foldText(text.slice(0, maxTextLength).toWellFormed())
  const plain = folded.replace(addresses, ' ').replace(/[\p{N}_]+/gu, ' ')
  const words = wordsIn(plain).filter((word) => !/^[a-z]$/.test(word))
  return [...new Set(words)].slice(0, maxWords)
}

/** Trains at one go. */
export function train(examples: readonly Example[], precision: number): Model {
  const steps = trainInSteps(examples, precision)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/**
 * Trains in steps of a few milliseconds. `precision` is the share of suggestions that must be right, 0 to 1. The
 * threshold comes from two questions about each held-out ticket: what would be suggested by all other tickets, and
 * what if its label were unknown? An unknown one must not be suggested anything.
 */
export function* trainInSteps(
  examples: readonly Example[],
  precision: number,
): Generator<undefined, Model> {
  const counted = yield* count(examples)
  const { labels } = counted
  const empty: Model = { ...counted, calibration: null }
  if (labels.length < 2) return empty
  const labelOf = new Map(labels.map((label, index) => [label, index]))
  const trials: Trial[] = []
  const every = Math.max(1, Math.floor(examples.length / maxTrials))
  for (let index = 0; index < examples.length; index += every) {
    const example = examples[index]
    if (example === undefined) break
    trials.push(...trialsOf(example, labelOf.get(example.label) ?? null, counted))
    if (index % (triedAtOnce * every) === 0) yield
  }
  return { ...empty, calibration: calibrate(trials, precision) }
}

/** The template that helped with tickets like this, with the words that spoke most for it, or null. */
export function suggest(model: Model, text: string): Classification | null {
  const { calibration, labels } = model
  if (calibration === null) return null
  const words = wordsOf(text)
  const verdict = judge(words, model, nothingOut)
  if (verdict === null || verdict.score < calibration.threshold) return null
  const label = labels[verdict.label]
  const named = telling(words, verdict.label, model)
  if (label === undefined || named.length === 0) return null
  const confidence = confidenceAt(calibration, verdict.score)
  const percent = Math.floor(confidence * 100)
  const quoted = named.map((word) => `"${word}"`).join(', ')
  return {
    label,
    source: 'learned',
    confidence,
    words: named,
    reason: `It helped with similar tickets, which say ${quoted} too; ${percent} % of such suggestions were right.`,
  }
}

type Counted = Omit<Model, 'calibration'>

/** Counts words per label. Tickets of rare labels are one label more, the last, which is never suggested. */
function* count(examples: readonly Example[]): Generator<undefined, Counted> {
  const perLabel = new Map<string, number>()
  const perWord = new Map<string, number>()
  for (const [index, { label, words }] of examples.entries()) {
    perLabel.set(label, (perLabel.get(label) ?? 0) + 1)
    for (const word of words) perWord.set(word, (perWord.get(word) ?? 0) + 1)
    if (index % countedAtOnce === 0) yield
  }
  const labels = [...perLabel.keys()]
    .filter((label) => (perLabel.get(label) ?? 0) >= minTickets)
    .toSorted()
  const place = new Map(labels.map((label, index) => [label, index]))
  const least = yield* leastCount(perWord)
  const counts = new Map<string, number[]>()
  const tickets = Array.from({ length: labels.length + 1 }, () => 0)
  for (const [index, { label, words }] of examples.entries()) {
    const column = place.get(label) ?? labels.length
    add(tickets, column)
    for (const word of words) {
      if ((perWord.get(word) ?? 0) < least) continue
      const row = counts.get(word) ?? tickets.map(() => 0)
      add(row, column)
      counts.set(word, row)
    }
    if (index % countedAtOnce === 0) yield
  }
  return { labels, tickets, counts }
}

function add(row: number[], column: number): void {
  row[column] = (row[column] ?? 0) + 1
}

/**
 * Tickets a word must be in to be known, so that there are not too many. Two at least: a word of one ticket
 * alone teaches nothing, left out of the training it would be unknown.
 */
function* leastCount(perWord: ReadonlyMap<string, number>): Generator<undefined, number> {
  const words: number[] = []
  let seen = 0
  for (const total of perWord.values()) {
    words[total] = (words[total] ?? 0) + 1
    seen += 1
    if (seen % 10_000 === 0) yield
  }
  let least = words.length
  let kept = 0
  while (least > 2 && kept + (words[least - 1] ?? 0) <= maxVocabulary) {
    least -= 1
    kept += words[least] ?? 0
  }
  return Math.max(least, 2)
}

/** What is taken out of the counts: a ticket of a label, or the whole label. */
interface HeldOut {
  label: number
  whole: boolean
}

const nothingOut: HeldOut = { label: -1, whole: false }

function trialsOf(example: Example, label: number | null, counted: Counted): Trial[] {
  // A rare label is unknown as it is, with its own ticket left out.
  const own = label ?? counted.labels.length
  const known = judge(example.words, counted, { label: own, whole: false })
  const right = known !== null && known.label === label
  const trial = { score: known?.score ?? null, right }
  // A wrong answer stays the same without the label: it would be counted twice.
  if (!right) return [trial]
  const stranger = judge(example.words, counted, { label: own, whole: true })
  const wrong = { score: stranger?.score ?? null, right: false }
  return [trial, ...Array.from({ length: strangersPerKnown }, () => wrong)]
}

/** The label with the most evidence, and how clear that is. */
interface Verdict {
  label: number
  score: number
}

/**
 * Evidence for a label is the sum over the words of how much more usual each is in its tickets than on average
 * over labels. What counts is the smaller of two: the evidence itself (against tickets about something else) and
 * its lead over the next label. Divided by the root of the number of words, so that long texts need more of it.
 */
function judge(words: readonly string[], counted: Counted, out: HeldOut): Verdict | null {
  const size = counted.labels.length
  const evidence = Array.from({ length: size }, () => 0)
  for (const word of words) {
    const usual = usualness(word, counted, out)
    for (let label = 0; label < size; label += 1) {
      evidence[label] = (evidence[label] ?? 0) + weightOf(usual, label)
    }
  }
  let best: Verdict | null = null
  let next = -Infinity
  for (const [label, score] of evidence.entries()) {
    if (out.whole && label === out.label) continue
    if (best === null || score > best.score) {
      next = best?.score ?? next
      best = { label, score }
    } else if (score > next) next = score
  }
  if (best === null || words.length === 0) return null
  const lead = Math.min(best.score, best.score - next)
  return { label: best.label, score: lead / Math.sqrt(words.length) }
}

/** How usual a word is in each label's tickets, and on average over labels; null = nobody knows the word. */
interface Usualness {
  shares: readonly number[]
  average: number
}

function usualness(word: string, counted: Counted, out: HeldOut): Usualness | null {
  const row = counted.counts.get(word)
  if (row === undefined) return null
  let found = 0
  let total = 0
  let labels = 0
  const shares = row.map((own, label) => {
    const mine = label === out.label
    const tickets = (counted.tickets[label] ?? 0) - (mine && !out.whole ? 1 : 0)
    if (tickets <= 0 || (mine && out.whole)) return 0
    const having = own - (mine ? 1 : 0)
    const share = (having + unseen) / (tickets + 2 * unseen)
    found += having
    total += share
    labels += 1
    return share
  })
  return found === 0 || labels === 0 ? null : { shares, average: total / labels }
}

function weightOf(usual: Usualness | null, label: number): number {
  const ratio = usual === null ? 0 : (usual.shares[label] ?? 0) / usual.average
  return Math.log((1 - strangeShare) * ratio + strangeShare)
}

/** The words that speak most for the label, strongest first. */
function telling(words: readonly string[], label: number, model: Model): string[] {
  return words
    .map((word) => ({ word, weight: weightOf(usualness(word, model, nothingOut), label) }))
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, namedWords)
    .map(({ word }) => word)
}
