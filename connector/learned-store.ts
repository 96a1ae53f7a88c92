// Keeps what was learned in memory: reads the incidents that an automation solved, trains at the start and when an
// hour has brought new ones, in turns short enough that nothing else waits. How it learns is matching/learned.ts.
import type { TicketEvent } from '#shared/ticket-event.ts'

import { isDatabaseUnavailable } from './db/pool.ts'
import type { Pool } from './db/pool.ts'
import { solvedTickets } from './db/solved-tickets.ts'
import type { SolvedPlace, SolvedTicket } from './db/solved-tickets.ts'
import type { Log } from './log.ts'
import { textOf } from './matching/classify.ts'
import { suggest, trainInSteps, wordsOf } from './matching/learned.ts'
import type { Example, Model } from './matching/learned.ts'
import type { Learned } from './matching/suggest.ts'
import type { Policy } from './policy.ts'

/** Most tickets learned from, the newest. */
const maxExamples = 20_000

/** Bodies read at once; one may have 1.75 MB. */
const pageSize = 50

/** The event loop gets its turn after this much work, in milliseconds. */
const turnMs = 10

const refreshEveryMs = 3_600_000

/** What is learned now. */
export interface LearnedStore {
  suggest: Learned
  /** Reads what is new and learns from it; resolves to the number of tickets known. Rejects as the database does. */
  refresh(): Promise<number>
  /** Resolves when nothing is read any more. */
  stop(): Promise<void>
}

/** Starts the store; it suggests nothing until the first training is done. */
export function startLearnedStore(deps: { pool: Pool; log: Log; policy: Policy }): LearnedStore {
  const { pool, log, policy } = deps
  const { learned, precision } = policy.classification
  const words = createInterner()
  let examples: Example[] = []
  let newest: SolvedPlace | null = null
  let model: Model | null = null
  let stopped = false

  async function learn(): Promise<number> {
    const fresh = await readSolved(pool, { after: newest, intern: words, stopped: () => stopped })
    if (stopped || fresh.newest === null) return examples.length
    newest = fresh.newest
    examples = [...fresh.examples, ...examples].slice(0, maxExamples)
    model = await trained(examples, precision)
    log.info(
      {
        tickets: examples.length,
        templates: model.labels.length,
        suggests: model.calibration !== null,
      },
      'learned from solved tickets',
    )
    return examples.length
  }

  let running: Promise<unknown> = Promise.resolve()
  function refresh(): Promise<number> {
    const next = running.then(learn)
    // Whoever waits for it hears of the failure.
    running = next.catch(() => null)
    return next
  }
  function refreshInBackground(): void {
    void refresh().catch((error: unknown) => {
      // The next hour tries again, and suggestions are help, not work that waits.
      if (!stopped && !isDatabaseUnavailable(error)) {
        log.warn({ err: error }, 'could not learn from solved tickets')
      }
    })
  }
  if (learned) refreshInBackground()
  const timer = setInterval(refreshInBackground, refreshEveryMs)
  timer.unref()
  if (!learned) clearInterval(timer)

  return {
    suggest: (text) => (model === null ? null : suggest(model, text)),
    refresh,
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}

/**
 * The newest solved tickets after a place, page by page. A run that ends while they are read may be missed: one
 * ticket among thousands.
 */
async function readSolved(
  pool: Pool,
  how: { after: SolvedPlace | null; intern: (word: string) => string; stopped: () => boolean },
): Promise<{ examples: Example[]; newest: SolvedPlace | null }> {
  const { after, intern, stopped } = how
  const examples: Example[] = []
  let newest: SolvedPlace | null = null
  let before: SolvedPlace | null = null
  while (!stopped() && examples.length < maxExamples) {
    const page: SolvedTicket[] = await solvedTickets(pool, { before, after, limit: pageSize })
    newest ??= page[0] ?? null
    before = page.at(-1) ?? null
    await inTurns(page, (ticket) => examples.push(exampleOf(ticket, intern)))
    if (page.length < pageSize) break
  }
  return { examples, newest }
}

function exampleOf(ticket: SolvedTicket, intern: (word: string) => string): Example {
  // Validated when it was received; the column holds nothing else.
  const event = JSON.parse(ticket.body) as TicketEvent
  const words = wordsOf(textOf(event.data.ticket.fields)).map(intern)
  return { label: ticket.template, words }
}

/** One copy of each word: a piece of a text would keep the whole text in memory. */
function createInterner(): (word: string) => string {
  const known = new Map<string, string>()
  return (word) => {
    const found = known.get(word)
    if (found !== undefined) return found
    const own = Buffer.from(word).toString()
    known.set(own, own)
    return own
  }
}

async function trained(examples: readonly Example[], precision: number): Promise<Model> {
  const steps = trainInSteps(examples, precision)
  let began = performance.now()
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    began = await giveWay(began)
  }
}

async function inTurns<T>(all: readonly T[], work: (one: T) => void): Promise<void> {
  let began = performance.now()
  for (const one of all) {
    work(one)
    began = await giveWay(began)
  }
}

/** Lets others work when the turn is over; resolves to the beginning of the turn. */
async function giveWay(began: number): Promise<number> {
  if (performance.now() - began < turnMs) return began
  await new Promise<void>((resolve) => setImmediate(resolve))
  return performance.now()
}
