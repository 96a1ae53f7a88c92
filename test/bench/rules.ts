// Rules against one ticket: the rule index beside json-rules-engine with the same rules, the same tickets and the
// same answers, in one run. `node test/bench/rules.ts` prints a table; other scripts call benchRules().
import { availableParallelism, cpus } from 'node:os'
import { pathToFileURL } from 'node:url'

import { Engine } from 'json-rules-engine'
import type { NestedCondition } from 'json-rules-engine'

import type { TicketField } from '#shared/ticket-event.ts'

import { createRuleIndex } from '../../connector/matching/rules.ts'
import type { Rule, TicketFacts } from '../../connector/matching/rules.ts'

const ruleCounts = [1_000, 10_000] as const
const ticketCount = 1_000
const indexRounds = 10
/** Longest time spent on one size of json-rules-engine, milliseconds. */
const peerBudgetMs = 8_000
const peerTickets = 50

interface Condition {
  readonly field: string
  readonly operator: '=' | 'IN' | 'LIKE'
  readonly value: string
}

/** OR of ANDs. */
type Condensed = readonly (readonly Condition[])[]

interface Percentiles {
  readonly p50_us: number
  readonly p99_us: number
  readonly tickets: number
}

/** What was measured, and where; a plain JSON value. */
type RulesBench = {
  readonly machine: { readonly cores: number; readonly cpu: string; readonly node: string }
  readonly results: readonly SizeResult[]
}

/** Runs the benchmark (at most half a minute) and returns what it measured, microseconds per ticket. */
export async function benchRules(): Promise<RulesBench> {
  const results: SizeResult[] = []
  for (const count of ruleCounts) results.push(await benchSize(count))
  return {
    machine: {
      cores: availableParallelism(),
      cpu: cpus()[0]?.model ?? 'unknown',
      node: process.version,
    },
    results,
  }
}

interface SizeResult {
  readonly rules: number
  readonly matches_per_ticket: number
  readonly index_build_ms: number
  readonly index: Percentiles
  readonly json_rules_engine: Percentiles
}

async function benchSize(count: number): Promise<SizeResult> {
  const random = createRandom(count)
  const conditions = Array.from({ length: count }, () => makeRule(random))
  const tickets = Array.from({ length: ticketCount }, () => makeTicket(random))
  const rules = conditions.map((value): Rule<Condensed> => {
    return { table: 'incident', trigger: ['created'], when: queryOf(value), value }
  })

  const start = performance.now()
  const index = createRuleIndex(rules)
  for (const ticket of tickets.slice(0, 1)) index.match(ticket)
  const buildMs = performance.now() - start

  const hits = tickets.map((ticket) => index.match(ticket).length)
  const timings: number[] = []
  for (let round = 0; round < indexRounds; round += 1) {
    for (const ticket of tickets) timings.push(timed(() => index.match(ticket)))
  }
  return {
    rules: count,
    matches_per_ticket: hits.reduce((sum, hit) => sum + hit, 0) / hits.length,
    index_build_ms: Math.round(buildMs),
    index: percentiles(timings),
    json_rules_engine: await benchPeer(conditions, tickets, hits),
  }
}

/** The same rules in json-rules-engine; a different number of matches stops the benchmark. */
async function benchPeer(
  conditions: readonly Condensed[],
  tickets: readonly TicketFacts[],
  expected: readonly number[],
): Promise<Percentiles> {
  const engine = new Engine()
  engine.addOperator('containsText', (text: string, part: string) => text.includes(part))
  for (const groups of conditions) {
    const any = groups.map((group): NestedCondition => ({ all: group.map(peerCondition) }))
    engine.addRule({ conditions: { any }, event: { type: 'match' } })
  }
  const timings: number[] = []
  const deadline = performance.now() + peerBudgetMs
  for (const [i, ticket] of tickets.slice(0, peerTickets).entries()) {
    const facts = Object.fromEntries(
      Object.entries(ticket.fields).map(([name, { value }]) => [name, value.toLowerCase()]),
    )
    const start = performance.now()
    const { events } = await engine.run(facts)
    timings.push((performance.now() - start) * 1_000)
    if (events.length !== expected[i]) {
      throw new Error(
        `ticket ${i}: index found ${expected[i]} rules, json-rules-engine ${events.length}`,
      )
    }
    if (performance.now() > deadline) break
  }
  return percentiles(timings)
}

function peerCondition({ field, operator, value }: Condition): NestedCondition {
  switch (operator) {
    case '=':
      return { fact: field, operator: 'equal', value }
    case 'IN':
      return { fact: field, operator: 'in', value: value.split(',') }
    case 'LIKE':
      return { fact: field, operator: 'containsText', value }
  }
}

function queryOf(groups: Condensed): string {
  return groups
    .map((group) => group.map(({ field, operator, value }) => field + operator + value).join('^'))
    .join('^NQ')
}

type Random = (below: number) => number

/** Of 100 rules: 45 by category, subcategory and group; 35 by category and words; 18 mixed; 2 by words alone. */
function makeRule(random: Random): Condensed {
  const share = random(100)
  const category = random(25)
  const byCategory: Condition = { field: 'category', operator: '=', value: `category_${category}` }
  const bySub: Condition = {
    field: 'subcategory',
    operator: '=',
    value: `sub_${category}_${random(12)}`,
  }
  const byGroup: Condition = { field: 'assignment_group', operator: '=', value: sysId(random(300)) }
  const byWord: Condition = { field: 'short_description', operator: 'LIKE', value: word(random) }
  const urgent: Condition = { field: 'priority', operator: 'IN', value: '1,2' }
  if (share < 45) return [[byCategory, bySub, byGroup]]
  if (share < 80) return [[byCategory, byWord]]
  if (share < 90) return [[byGroup, urgent, byWord]]
  return share < 98
    ? [
        [byCategory, bySub, urgent],
        [byGroup, byWord],
      ]
    : [[byWord]]
}

function makeTicket(random: Random): TicketFacts {
  const category = random(25)
  const words = Array.from({ length: 12 }, () => word(random))
  const values: Record<string, readonly [type: string, value: string]> = {
    category: ['string', `category_${category}`],
    subcategory: ['string', `sub_${category}_${random(12)}`],
    assignment_group: ['reference', sysId(random(300))],
    short_description: ['string', words.join(' ').toUpperCase()],
    priority: ['integer', String(1 + random(5))],
    active: ['boolean', 'true'],
    number: ['string', `INC${random(1e7)}`],
    opened_at: ['glide_date_time', '2026-06-10 12:00:00'],
  }
  const fields: Record<string, TicketField> = {}
  for (const [name, [type, value]] of Object.entries(values)) fields[name] = { type, value }
  return { table: 'incident', trigger: 'created', fields, context: { now: '2026-06-10 12:00:00' } }
}

function word(random: Random): string {
  return `word${random(500)}x`
}

function sysId(number: number): string {
  return number.toString(16).padStart(32, '0')
}

/** Same numbers in every run (mulberry32). */
function createRandom(seed: number): Random {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/** Microseconds a call takes. */
function timed(call: () => unknown): number {
  const start = performance.now()
  call()
  return (performance.now() - start) * 1_000
}

function percentiles(timings: readonly number[]): Percentiles {
  const sorted = timings.toSorted((a, b) => a - b)
  return { p50_us: at(sorted, 0.5), p99_us: at(sorted, 0.99), tickets: sorted.length }
}

function at(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
  return Math.round(value * 10) / 10
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { machine, results } = await benchRules()
  console.log(
    `${machine.cores} cores, ${machine.cpu}, Node ${machine.node}; microseconds per ticket`,
  )
  console.table(
    results.map(({ rules, index, json_rules_engine: peer, ...rest }) => ({
      rules,
      'index p50': index.p50_us,
      'index p99': index.p99_us,
      'json-rules-engine p50': peer.p50_us,
      'json-rules-engine p99': peer.p99_us,
      'matches per ticket': rest.matches_per_ticket,
      'index build, ms': rest.index_build_ms,
    })),
  )
}
