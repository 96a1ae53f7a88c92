// The counters of a backtest: per template, per rule, per pair of templates. Their number depends on the
// templates, never on the tickets.
import type { RuleResult } from '#shared/decision.ts'
import type { BacktestReport, BacktestRule, BacktestTemplate } from '#shared/rule-tools.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import type { Choice } from '../choice.ts'
import type { PublishedVersion } from '../templates/registry.ts'
import type { Weighed } from '../weigh.ts'
import { createTopCounts } from './top-counts.ts'
import type { TopCounts } from './top-counts.ts'

/** Targets named in the report, and those counted one by one. */
const shownTargets = 10
const countedTargets = 1_000

/** Ticket numbers given as examples per template. */
const shownTickets = 5

/** Pairs named in the report. */
const shownOverlaps = 50

/** Pairs counted; 200 templates that all match the same tickets make 19,900. */
const countedOverlaps = 50_000

/** Counters that are added to. */
export interface Tally {
  /** Counts one ticket: the templates with a rule that matched it or could not be decided, and what was chosen. */
  add(ticket: Ticket, weighed: readonly Weighed[], choice: Choice): void
  report(): Pick<BacktestReport, 'tickets' | 'unmatched' | 'templates' | 'overlaps'>
}

interface Counters {
  published: PublishedVersion
  matched: number
  wouldRun: number
  outranked: number
  tied: number
  refused: number
  refusals: Map<string, { count: number; ticket: string; detail: string }>
  targets: TopCounts
  tickets: string[]
  rules: BacktestRule[]
}

interface Overlap {
  templates: [string, string]
  tickets: number
  ties: number
  example: string
}

/** Creates the counters, all at zero. */
export function createTally(templates: readonly PublishedVersion[]): Tally {
  const counters = new Map(templates.map((one) => [one, startAt(one)]))
  const overlaps = new Map<string, Overlap>()
  let tickets = 0
  let unmatched = 0

  function add(ticket: Ticket, weighed: readonly Weighed[], choice: Choice): void {
    tickets += 1
    for (const { published, decision } of weighed) {
      countRules(counters.get(published)?.rules ?? [], decision.rules)
    }
    const matched = weighed.filter(({ decision }) => isMatched(decision.rules))
    if (matched.length === 0) unmatched += 1
    for (const one of matched) {
      const own = counters.get(one.published)
      if (own !== undefined) countTemplate(own, one, { ticket, choice })
    }
    countPairs(overlaps, matched, { ticket, choice })
  }

  return {
    add,
    report: () => ({
      tickets,
      unmatched,
      templates: [...counters.values()].map(reportOf),
      overlaps: [...overlaps.values()]
        .toSorted((a, b) => b.ties - a.ties || b.tickets - a.tickets)
        .slice(0, shownOverlaps),
    }),
  }
}

function startAt(published: PublishedVersion): Counters {
  return {
    published,
    matched: 0,
    wouldRun: 0,
    outranked: 0,
    tied: 0,
    refused: 0,
    refusals: new Map(),
    targets: createTopCounts(countedTargets),
    tickets: [],
    rules: published.template.match.map(({ when, trigger }) => ({
      when,
      trigger,
      tried: trigger.includes('created') || trigger.includes('ordered'),
      matched: 0,
      invalid: 0,
      reason: null,
    })),
  }
}

function isMatched(rules: readonly RuleResult[]): boolean {
  return rules.some(({ outcome }) => outcome === 'matched')
}

function countRules(counted: readonly BacktestRule[], results: readonly RuleResult[]): void {
  for (const { when, trigger, outcome, reason } of results) {
    const rule = counted.find(
      (one) => one.when === when && one.trigger.some((name) => name === trigger),
    )
    if (rule === undefined) continue
    if (outcome === 'matched') rule.matched += 1
    if (outcome !== 'invalid') continue
    rule.invalid += 1
    rule.reason ??= reason
  }
}

function countTemplate(
  own: Counters,
  weighed: Weighed,
  { ticket, choice }: { ticket: Ticket; choice: Choice },
): void {
  own.matched += 1
  if (choice.best.includes(weighed)) {
    if (choice.best.length > 1) {
      own.tied += 1
      return
    }
    own.wouldRun += 1
    for (const target of weighed.targets) own.targets.add(target)
    if (own.tickets.length < shownTickets) own.tickets.push(ticket.number)
    return
  }
  if (choice.outranked.includes(weighed)) {
    own.outranked += 1
    return
  }
  own.refused += 1
  for (const { check, passed, detail } of weighed.decision.checks) {
    if (passed) continue
    const known = own.refusals.get(check)
    if (known === undefined) own.refusals.set(check, { count: 1, ticket: ticket.number, detail })
    else known.count += 1
  }
}

function countPairs(
  overlaps: Map<string, Overlap>,
  matched: readonly Weighed[],
  { ticket, choice }: { ticket: Ticket; choice: Choice },
): void {
  const sorted = matched.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  for (const [at, one] of sorted.entries()) {
    for (const other of sorted.slice(at + 1)) {
      const pair = pairOf(overlaps, [nameOf(one), nameOf(other)], ticket)
      if (pair === null) continue
      pair.tickets += 1
      if (choice.best.includes(one) && choice.best.includes(other)) pair.ties += 1
    }
  }
}

/** The counters of a pair; null = there are too many pairs already. */
function pairOf(
  overlaps: Map<string, Overlap>,
  templates: [string, string],
  ticket: Ticket,
): Overlap | null {
  const key = templates.join(' ')
  const known = overlaps.get(key)
  if (known !== undefined) return known
  if (overlaps.size >= countedOverlaps) return null
  const pair = { templates, tickets: 0, ties: 0, example: ticket.number }
  overlaps.set(key, pair)
  return pair
}

function nameOf({ published }: Weighed): string {
  return published.template.name
}

function reportOf(own: Counters): BacktestTemplate {
  const { template, version } = own.published
  return {
    name: template.name,
    version,
    title: template.title,
    priority: template.priority,
    matched: own.matched,
    would_run: own.wouldRun,
    outranked: own.outranked,
    tied: own.tied,
    refused: own.refused,
    refusals: [...own.refusals]
      .map(([check, { count, ticket, detail }]) => ({ check, count, ticket, detail }))
      .toSorted((a, b) => b.count - a.count),
    targets: own.targets.top(shownTargets).map(({ name, count }) => ({ target: name, count })),
    targets_exact: own.targets.exact(),
    tickets: own.tickets,
    rules: own.rules,
  }
}
