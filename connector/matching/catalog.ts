// Which ordered item belongs to which template: by the item's name, by its category, or by a title that looks
// alike. Pure; whether a title is enough to run without a person is for checks/catalog-binding.ts.
import Fuse from 'fuse.js'

import type { JobTemplate } from '#shared/job-template.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import type { Binding } from '../checks/check.ts'
import { foldText, wordsIn } from './fold-text.ts'

/** Names longer than this are compared by their beginning; sc_cat_item.name holds 100 characters. */
const maxNameLength = 200

/** Likeness from which two words count as the same one with a slip of the pen. */
const sameWord = 0.7

/** Words shorter than this have no room for a slip: VM and PM are two things. */
const minWordWithSlip = 5

/**
 * Most a title can be like a name when a word of one has no counterpart in the other: "Windows Server 2019" and
 * "Windows Server 2022", or "Install …" and "Uninstall …", are nearly the same letters but other items.
 */
const otherWord = 0.7

/** Words that say nothing about what is ordered. */
const emptyWords = new Set(['a', 'an', 'the', 'of', 'for', 'to', 'in', 'on', 'my', '的', '一个'])

/**
 * How the ordered item is bound to the template, or null when the ticket is no ordered item or the template
 * names none. An item binds stronger than a category, a category stronger than a title.
 */
export function bindingOf(template: JobTemplate, ticket: Ticket): Binding | null {
  const { catalog } = template
  if (ticket.table !== 'sc_req_item' || catalog === undefined) return null
  const item = itemOf(ticket)
  if (item.name === '' && item.sysId === '') return none('the order does not say which item it is')
  const shown = item.name === '' ? item.sysId : item.name
  if (named(catalog.items, [item.sysId, item.name])) {
    return { by: 'item', score: 1, reason: `the item "${shown}" is named by the template` }
  }
  return (
    byCategory(catalog.categories, item.categories) ??
    byTitle(template, item.name) ??
    none(`nothing in the template is like the item "${shown}"`)
  )
}

/** How the template is bound when a person starts it: their choice stands in for a title, whatever it is like. */
export function bindingByHand(template: JobTemplate, ticket: Ticket): Binding | null {
  const binding = bindingOf(template, ticket)
  return binding?.by === 'item' || binding?.by === 'category' ? binding : null
}

/**
 * How strong a binding is; an order goes to the strongest: item, its category, those above that, equal title, title alike, and after
 * these the templates that name no items at all.
 */
export function strengthOf(binding: Binding | null): number {
  switch (binding?.by) {
    case 'item':
      return 5
    case 'category':
      // The nearer category wins, and the farthest still before an equal title.
      return 3 + binding.score
    case 'title':
      return binding.score === 1 ? 3 : 2
    case 'none':
      return 0
    default:
      return 1
  }
}

/** How alike two names are, 0 to 1; 1 = equal but for case, accents and white space. The same both ways round. */
export function likeness(one: string, other: string): number {
  const [first, second] = [foldName(one), foldName(other)]
  if (first === '' || second === '') return 0
  if (first === second) return 1
  const letters = lettersAlike(first, second)
  const [firstWords, secondWords] = [tellingWords(first), tellingWords(second)]
  const share = Math.min(
    shareWithCounterpart(firstWords, secondWords),
    shareWithCounterpart(secondWords, firstWords),
  )
  // Equality alone is 1.
  return share === 1 ? Math.min(letters, 0.99) : Math.min(letters * share, otherWord)
}

interface Item {
  name: string
  sysId: string
  /** Its category and those above it, the nearest first. */
  categories: readonly { title: string; sysId: string }[]
}

/** Where an order names the category of its item, and the two above that. */
const categoryFields = [
  'cat_item.category',
  'cat_item.category.parent',
  'cat_item.category.parent.parent',
]

function itemOf({ fields }: Ticket): Item {
  const item = fields['cat_item']
  return {
    sysId: item?.value ?? '',
    name: fields['cat_item.name']?.value ?? item?.display ?? '',
    categories: categoryFields.map((name) => ({
      sysId: fields[name]?.value ?? '',
      title: fields[`${name}.title`]?.value ?? fields[name]?.display ?? '',
    })),
  }
}

function byCategory(wanted: readonly string[], categories: Item['categories']): Binding | null {
  const level = categories.findIndex(({ sysId, title }) => named(wanted, [sysId, title]))
  const [own, found] = [categories[0], categories[level]]
  if (own === undefined || found === undefined) return null
  const above = found === own ? '' : `, which holds "${nameOf(own)}",`
  const reason = `the category "${nameOf(found)}"${above} is named by the template`
  return { by: 'category', score: 1 - level / 10, reason }
}

function nameOf({ title, sysId }: { title: string; sysId: string }): string {
  return title === '' ? sysId : title
}

function none(reason: string): Binding {
  return { by: 'none', score: 0, reason }
}

function named(names: readonly string[], candidates: readonly string[]): boolean {
  const wanted = new Set(names.map(foldText))
  return candidates.map(foldText).some((candidate) => candidate !== '' && wanted.has(candidate))
}

/** The template's own title counts only where it names no items: who lists items means these and no others. */
function byTitle({ catalog, title }: JobTemplate, name: string): Binding | null {
  if (catalog === undefined || name === '') return null
  const listed = catalog.items.length > 0 || catalog.categories.length > 0
  const titles = listed ? catalog.titles : [...catalog.titles, title]
  let best: { title: string; score: number } | null = null
  for (const candidate of titles) {
    const score = likeness(candidate, name)
    if (score > (best?.score ?? 0)) best = { title: candidate, score }
  }
  if (best === null) return null
  const percent = Math.floor(best.score * 100)
  const reason = `the item "${name}" is ${percent} % like "${best.title}"`
  return { by: 'title', score: best.score, reason }
}

function foldName(name: string): string {
  return foldText(name.slice(0, maxNameLength).toWellFormed())
}

/** Fuse.js looks for one text within the other, so a name is fully alike to any that contains it: both ways count. */
function lettersAlike(one: string, other: string): number {
  return Math.min(found(one, other), found(other, one))
}

function found(pattern: string, text: string): number {
  const fuse = new Fuse([text], {
    includeScore: true,
    threshold: 1,
    ignoreLocation: true,
    ignoreFieldNorm: true,
  })
  const score = fuse.search(pattern)[0]?.score
  return score === undefined ? 0 : Math.min(1, Math.max(0, 1 - score))
}

function tellingWords(folded: string): string[] {
  const words = wordsIn(folded)
  const telling = words.filter((word) => !emptyWords.has(word))
  return telling.length > 0 ? telling : words
}

function shareWithCounterpart(words: readonly string[], others: readonly string[]): number {
  if (words.length === 0) return 1
  const met = words.filter((word) => others.some((other) => isSameWord(word, other)))
  return met.length / words.length
}

/** A slip never turns the first letter, which is where opposites differ (enable and disable), nor a digit. */
function isSameWord(word: string, other: string): boolean {
  if (word === other) return true
  if (Math.min(word.length, other.length) < minWordWithSlip) return false
  if (word[0] !== other[0] || /\d/.test(word + other)) return false
  return lettersAlike(word, other) >= sameWord
}
