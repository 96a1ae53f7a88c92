// A backtest of 10,000 tickets against 200 rules: how long it takes, and that its memory does not grow with the
// number of tickets. `node test/bench/backtest.ts` prints one JSON document.
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { JobTemplate } from '#shared/job-template.ts'
import type { Ticket, TicketField } from '#shared/ticket-event.ts'

import { defaultPolicy } from '../../connector/policy.ts'
import { backtest } from '../../connector/rule-tools/backtest.ts'
import type { PublishedVersion } from '../../connector/templates/registry.ts'

const ticketCount = 10_000
const templateCount = 200

/** Tickets between two looks at the heap. */
const sampleEvery = 1_500

/** Once compiled code and counters are there. */
const earlySample = 1

/** What was measured. */
interface BacktestBench {
  tickets: number
  rules: number
  seconds: number
  matches_per_ticket: number
  would_run: number
  /** Heap without garbage after 1,500 tickets and after 9,000, in MB. */
  heap_mb: { early: number; late: number }
}

/** Runs it once (some seconds). */
export async function benchBacktest(): Promise<BacktestBench> {
  const random = createRandom(7)
  const templates = Array.from({ length: templateCount }, (_, index) => makeTemplate(index, random))
  const samples: Sample[] = []
  const began = performance.now()
  const counts = await backtest(makeTickets(random, samples), templates, {
    instance: 'bench',
    policy: defaultPolicy,
    asOf: 'created',
    now: new Date('2026-06-10T12:00:00Z'),
  })
  const looking = samples.reduce((sum, { ms }) => sum + ms, 0)
  const seconds = (performance.now() - began - looking) / 1_000
  const matched = counts.templates.reduce((sum, one) => sum + one.matched, 0)
  return {
    tickets: counts.tickets,
    rules: templateCount,
    seconds: round(seconds),
    matches_per_ticket: round(matched / counts.tickets),
    would_run: counts.templates.reduce((sum, one) => sum + one.would_run, 0),
    heap_mb: {
      early: round(samples[earlySample]?.mb ?? 0),
      late: round(samples.at(-1)?.mb ?? 0),
    },
  }
}

/** Tickets made one at a time, as pages of the instance would bring them. */
async function* makeTickets(random: Random, samples: Sample[]): AsyncGenerator<Ticket> {
  for (let number = 0; number < ticketCount; number += 1) {
    if (number % sampleEvery === 0) samples.push(lookAtHeap())
    yield makeTicket(number, random)
  }
}

setFlagsFromString('--expose-gc')
// What the flag adds is seen by contexts made after it.
const collectGarbage: () => void = runInNewContext('gc')

/** One look at the heap, and how long it took: that is no part of the work. */
interface Sample {
  mb: number
  ms: number
}

function lookAtHeap(): Sample {
  const began = performance.now()
  collectGarbage()
  const mb = process.memoryUsage().heapUsed / 1_000_000
  return { mb, ms: performance.now() - began }
}

/** Of 100 rules: 45 by category and subcategory, 45 by category and a word, 10 by a word alone. */
function makeTemplate(index: number, random: Random): PublishedVersion {
  const share = random(100)
  const category = `category=category_${random(25)}`
  const words = `short_descriptionLIKEword${random(200)}x`
  const bySub = `${category}^subcategory=sub_${random(12)}`
  const narrow = share < 45 ? bySub : `${category}^${words}`
  const template = JobTemplate.parse({
    name: `template-${index}`,
    title: `Template ${index}`,
    description: 'For the benchmark.',
    platform: 'local',
    job: 'job.mjs',
    match: [
      {
        table: 'incident',
        when: `active=true^${share < 90 ? narrow : words}`,
        trigger: ['created', 'manual'],
      },
    ],
    parameters: [
      { name: 'host', type: 'string', label: 'Host', from: "$lookup(fields, 'cmdb_ci.name')" },
      {
        name: 'area',
        type: 'choice',
        label: 'Area',
        choices: [
          { value: 'logs', label: 'Logs' },
          { value: 'temp', label: 'Temporary files' },
        ],
        from: "$contains(fields.short_description, /word1/) ? 'temp' : 'logs'",
      },
    ],
    targets: { parameter: 'host' },
    priority: random(1000),
  })
  return { template, version: 1, digest: '0'.repeat(64), problem: null }
}

function makeTicket(number: number, random: Random): Ticket {
  const words = Array.from({ length: 12 }, () => `word${random(200)}x`)
  const values: Record<string, readonly [type: string, value: string]> = {
    category: ['string', `category_${random(25)}`],
    subcategory: ['string', `sub_${random(12)}`],
    short_description: ['string', words.join(' ')],
    description: ['string', words.join(' ').repeat(20)],
    state: ['integer', '7'],
    active: ['boolean', 'false'],
    cmdb_ci: ['reference', sysId(number % 5_000)],
    'cmdb_ci.name': ['string', `lnx-${number % 5_000}`],
    sys_created_on: ['glide_date_time', '2026-06-01 12:00:00'],
  }
  const fields: Record<string, TicketField> = {}
  for (const [name, [type, value]] of Object.entries(values)) fields[name] = { type, value }
  const digits = String(number).padStart(7, '0')
  return { table: 'incident', sys_id: sysId(number), number: `INC${digits}`, fields }
}

function sysId(number: number): string {
  return number.toString(16).padStart(32, '0')
}

type Random = (below: number) => number

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

function round(value: number): number {
  return Math.round(value * 100) / 100
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await benchBacktest(), null, 2))
}
