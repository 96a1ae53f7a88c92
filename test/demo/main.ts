// npm run demo: the whole product on this machine, to click through or (--once) to watch being played.
import { rm } from 'node:fs/promises'
import { relative } from 'node:path'
import { parseArgs } from 'node:util'

import { guide } from './guide.ts'
import { ownFolder } from './one-at-a-time.ts'
import { playAll } from './play-all.ts'
import { tellProcess } from './process-story.ts'
import { startDemo } from './start-demo.ts'
import type { Demo } from './start-demo.ts'
import { tellStory } from './story.ts'
import { choosePorts, keptFolder, newFolder } from './surroundings.ts'

const usage = `npm run demo -- [options]

Starts the connector (with its own PostgreSQL) and a local instance that stands in for ServiceNow,
prepares tickets and real jobs for them, and says what to click. Ctrl-C stops everything.

  --once           play the road of an incident, a change and an ordered item without a browser,
                   tell their stories and stop; exit code 0 only if all went as planned
  --json           with --once: the stories as one JSON object on standard output
  --folder FOLDER  where data, logs and the pretend server go (default .data/demo; --once: a
                   temporary one, removed at the end)
  --help           this text
`

/** Between two stories. */
const rule = `\n\n${'─'.repeat(100)}\n\n`

// A terminal that was closed takes no more text; what is left to do is to stop in order.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)

const stopping = new AbortController()
const began = Date.now()

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      folder: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  if (values.json && !values.once) throw new Error('--json goes with --once')
  onSignals()
  return values.once
    ? await once({ json: values.json, folder: values.folder })
    : await interactive(values.folder)
}

/** Standard output belongs to the story alone when that is JSON. */
function tellTo(stream: NodeJS.WriteStream): (text: string) => void {
  return (text) => {
    const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(5)
    stream.write(`${seconds} s  ${text}\n`)
  }
}

async function once(options: { json: boolean; folder: string | undefined }): Promise<number> {
  const tell = tellTo(options.json ? process.stderr : process.stdout)
  const folder = options.folder === undefined ? await newFolder() : await keptFolder(options.folder)
  const owner = await ownFolder(folder)
  try {
    const demo = await startDemo({ folder, tickets: false, tell })
    try {
      await owner.hold(pidsOf(demo))
      const stories = await unlessStopped(playAll(demo, tell))
      const { change, order, ...incident } = stories
      const told = [tellStory(incident), tellProcess(change), tellProcess(order)]
      process.stdout.write(
        options.json ? `${JSON.stringify(stories, null, 2)}\n` : `\n${told.join(rule)}\n\n`,
      )
      return incident.resolved_by_the_job && change.as_planned && order.as_planned ? 0 : 1
    } finally {
      await demo.stop()
      tell('Everything is stopped')
    }
  } finally {
    await owner.release()
    if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
  }
}

async function interactive(asked: string | undefined): Promise<number> {
  const tell = tellTo(process.stdout)
  tell('Starting. The first start builds the ServiceNow app and a database: about 20 seconds')
  const folder = await keptFolder(asked)
  const owner = await ownFolder(folder)
  try {
    const demo = await startDemo({ folder, ports: await choosePorts(tell), tickets: true, tell })
    try {
      await owner.hold(pidsOf(demo))
      process.stdout.write(guide(demo, shortName(folder)))
      await untilStopped(demo)
    } finally {
      process.stdout.write('\n')
      tell('Stopping')
      await demo.stop()
      tell('Everything is stopped')
    }
    return 0
  } finally {
    await owner.release()
  }
}

/** As short as it can be typed from here. */
function shortName(folder: string): string {
  const name = relative(process.cwd(), folder)
  return name === '' || name.startsWith('..') ? folder : name
}

function pidsOf({ stack }: Demo): number[] {
  return [stack.connector().pid, stack.instance.pid]
}

/** Ctrl-C, a service manager, a terminal that was closed; asked twice, it ends at once and its parts follow. */
function onSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(1)
      stopping.abort(new Error(`stopped by ${signal}`))
    })
  }
}

/** Resolves when the person stops it; throws when a part ends by itself. */
async function untilStopped({ stack }: Demo): Promise<void> {
  const stopped = new Promise<void>((resolve) => {
    if (stopping.signal.aborted) resolve()
    stopping.signal.addEventListener('abort', () => resolve(), { once: true })
  })
  const lost = stack.connector().ended.then((code) => {
    if (!stopping.signal.aborted)
      throw new Error(`the connector ended with ${code}: see ${stack.logFile}`)
  })
  await Promise.race([stopped, lost])
}

/** The work's result, or the reason of the stop as soon as there is one. */
async function unlessStopped<T>(work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  function refuse(): void {
    reject(stopping.signal.reason instanceof Error ? stopping.signal.reason : new Error('stopped'))
  }
  if (stopping.signal.aborted) refuse()
  stopping.signal.addEventListener('abort', refuse, { once: true })
  return await Promise.race([work, promise])
}
