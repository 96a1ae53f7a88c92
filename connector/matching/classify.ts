// What kind of incident a ticket is, by the company's words for each type (policy.classification.types). It only
// ever suggests: rules decide. Pure.
import type { Classification } from '#shared/preview.ts'

import type { IncidentType } from '../policy.ts'
import { foldText } from './fold-text.ts'

/** What is read of a ticket's text, in UTF-16 units; further down are logs, which name everything. */
const maxTextLength = 20_000

/** Scripts written without blanks between words: their words are found anywhere. */
const unspaced =
  '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}'
const unspacedLetter = new RegExp(`[${unspaced}]`, 'v')

/** What may not stand next to a whole word. */
const wordPart = `[[\\p{L}\\p{N}\\p{M}]--[${unspaced}]]`

/** A word of a type, ready to be looked for. */
interface Keyword {
  type: IncidentType
  word: string
  pattern: RegExp
}

/** A word where it stands. */
interface Hit {
  type: IncidentType
  word: string
  start: number
  end: number
}

/**
 * The type most of the words found speak for, or null when none or several do so equally. Words of Latin and
 * other spaced scripts count as whole words or phrases; a word inside a longer one that was found counts once,
 * with the longer: "memory" says nothing beside "out of memory".
 */
export function classify(text: string, types: readonly IncidentType[]): Classification | null {
  const folded = foldText(text.slice(0, maxTextLength).toWellFormed())
  const hits = outermost(keywordsOf(types).flatMap((keyword) => hitsOf(keyword, folded)))
  const byType = Map.groupBy(hits, ({ type }) => type)
  const scores = [...byType]
    .map(([type, own]) => ({ type, words: [...new Set(own.map(({ word }) => word))] }))
    .toSorted((a, b) => b.words.length - a.words.length)
  const [best, next] = scores
  if (best === undefined || best.words.length === next?.words.length) return null
  const total = scores.reduce((sum, { words }) => sum + words.length, 0)
  return {
    label: best.type.type,
    source: 'keywords',
    confidence: best.words.length / total,
    words: best.words,
    reason: reasonOf(best, total),
  }
}

/** The text of a ticket that says what it is about. */
export function textOf(fields: Readonly<Record<string, { value: string }>>): string {
  return [fields['short_description'], fields['description']]
    .map((field) => field?.value ?? '')
    .filter((part) => part !== '')
    .join('\n')
}

function reasonOf(
  { type, words }: { type: IncidentType; words: readonly string[] },
  total: number,
): string {
  const quoted = words.map((word) => `"${word}"`).join(', ')
  const share = words.length === total ? '' : ` (${words.length} of ${total} words found)`
  return `The ticket says ${quoted}, which speaks for ${type.label}${share}.`
}

const compiled = new WeakMap<readonly IncidentType[], Keyword[]>()

function keywordsOf(types: readonly IncidentType[]): Keyword[] {
  const known = compiled.get(types)
  if (known !== undefined) return known
  const keywords = types.flatMap((type) => {
    // Two spellings of one word are one word.
    const words = new Map(type.words.map((word) => [foldText(word), word]))
    words.delete('')
    return [...words].map(([folded, word]) => ({ type, word, pattern: patternOf(folded) }))
  })
  compiled.set(types, keywords)
  return keywords
}

/** Looks for a whole word, or in a script without blanks for the word anywhere. */
function patternOf(folded: string): RegExp {
  const escaped = folded.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
  if (unspacedLetter.test(folded)) return new RegExp(escaped, 'gv')
  return new RegExp(`(?<!${wordPart})${escaped}(?!${wordPart})`, 'gv')
}

function hitsOf({ type, word, pattern }: Keyword, folded: string): Hit[] {
  return [...folded.matchAll(pattern)].map(({ index, 0: found }) => ({
    type,
    word,
    start: index,
    end: index + found.length,
  }))
}

/** The hits that are not inside a longer one. */
function outermost(hits: readonly Hit[]): Hit[] {
  const kept: Hit[] = []
  let end = 0
  // By place, the longer first: what ends before the furthest end so far is inside of something longer.
  const ordered = hits.toSorted((a, b) => a.start - b.start || b.end - a.end)
  let widest: Hit | null = null
  for (const hit of ordered) {
    const inside = hit.end <= end && widest !== null && lengthOf(hit) < lengthOf(widest)
    if (!inside) kept.push(hit)
    if (hit.end > end) {
      end = hit.end
      widest = hit
    }
  }
  return kept
}

function lengthOf({ start, end }: Hit): number {
  return end - start
}
