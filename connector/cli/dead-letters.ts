// `dead` and `redrive`: what ran out of retries, and how it goes on its way again once the cause is mended.
// Both work beside a running connector, which takes up within seconds what was sent, and without one.
import { loadConfig } from '../config.ts'
import { listDeadLetters, redriveDeadLetters } from '../db/dead-letters.ts'
import type { DeadLetter, DeadLetterChoice } from '../db/dead-letters.ts'
import { startEngine } from '../db/engine.ts'
import { migrate } from '../db/migrate.ts'
import { createPool } from '../db/pool.ts'
import type { Pool } from '../db/pool.ts'
import { createQueue } from '../db/queue.ts'
import { createLog } from '../log.ts'
import { formatTable } from './table.ts'

/** Which dead letters the command line names. */
export interface RedriveOptions {
  event?: string
  run?: string
  all?: boolean
}

/** The database and how it is reached. */
interface Stores {
  pool: Pool
  connectionString: string
}

const log = createLog('silent')

/** Prints all dead letters. Throws ConnectorError when the settings are wrong or the database is away. */
export async function printDeadLetters(env: NodeJS.ProcessEnv): Promise<void> {
  await withStores(env, async ({ pool }) => {
    const letters = await listDeadLetters(pool)
    if (letters.length === 0) {
      console.log('No dead letters.')
      return
    }
    const header = ['Kind', 'Event or run', 'Ticket', 'Since', 'Problem']
    console.log(formatTable(header, letters.map(rowOf)))
    console.log(
      '\nMend the cause, then: npm run connector -- redrive --event <id> | --run <id> | --all',
    )
  })
}

/**
 * Sends dead letters on their way again and prints how many. Throws when nothing is named, when an id names no
 * dead letter, and ConnectorError when the settings are wrong or the database is away.
 */
export async function redrive(env: NodeJS.ProcessEnv, options: RedriveOptions): Promise<void> {
  const choice = choiceOf(options)
  await withStores(env, async ({ pool, connectionString }) => {
    const queue = await createQueue({ connectionString, log, sendOnly: true })
    try {
      const { events, updates } = await redriveDeadLetters(pool, queue, choice)
      if (events + updates === 0 && choice !== 'all') {
        throw new Error('no dead letter has this id; npm run connector -- dead lists them')
      }
      console.log(
        `Sent on their way again: ${count(events, 'event')}, ${count(updates, 'status update')}.`,
      )
    } finally {
      await queue.stop({ graceMs: 1000 })
    }
  })
}

function choiceOf({ event, run, all }: RedriveOptions): DeadLetterChoice {
  const isNamed = event !== undefined || run !== undefined
  if (all === true && isNamed) throw new Error('--all goes without --event and --run')
  if (all === true) return 'all'
  if (!isNamed) throw new Error('say which: --event <id>, --run <id> or --all')
  return { ...(event === undefined ? {} : { event }), ...(run === undefined ? {} : { run }) }
}

function rowOf({ kind, id, sequence, ticket, since, problem }: DeadLetter): string[] {
  const what = sequence === null ? kind : `${kind} ${sequence}`
  return [what, id, ticket, since.toISOString(), problem]
}

async function withStores(
  env: NodeJS.ProcessEnv,
  work: (stores: Stores) => Promise<void>,
): Promise<void> {
  const config = loadConfig(env)
  const databaseUrl = config.databaseUrl?.reveal() ?? null
  const engine = await startEngine({ databaseUrl, dataDir: config.dataDir, log })
  try {
    const { connectionString } = engine
    const pool = createPool(connectionString, { max: 2, applicationName: 'ticket-automation-cli' })
    try {
      await migrate(pool, { log })
      await work({ pool, connectionString })
    } finally {
      await pool.end()
    }
  } finally {
    await engine.stop()
  }
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
