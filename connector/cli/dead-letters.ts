// `dead` and `redrive`: what ran out of retries, and how it goes on its way again once the cause is mended.
// Both work beside a running connector, which takes up within seconds what was sent, and without one.
import { listDeadLetters, redriveDeadLetters } from '../db/dead-letters.ts'
import type { DeadLetter, DeadLetterChoice } from '../db/dead-letters.ts'
import { createQueue } from '../db/queue.ts'
import { createLog } from '../log.ts'
import { commandOrigin, withStores } from './stores.ts'
import { formatTable } from './table.ts'

/** Which dead letters the command line names. */
export interface RedriveOptions {
  event?: string
  run?: string
  all?: boolean
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
      const { events, updates } = await redriveDeadLetters(pool, queue, {
        choice,
        origin: commandOrigin(),
      })
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

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
