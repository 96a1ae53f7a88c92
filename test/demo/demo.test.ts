// The demonstration as a person starts it: the played road, what it leaves behind, and how it stops.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, afterEach, describe, expect, it } from 'vitest'

import { familyOf, stillRunning } from '../support/process-family.ts'
import type { Relative } from '../support/process-family.ts'
import { until } from '../support/until.ts'
import type { Stories } from './play-all.ts'
import { tellProcess } from './process-story.ts'
import { tellStory } from './story.ts'

const main = join(import.meta.dirname, 'main.ts')
const patienceMs = 120_000

const folders: string[] = []
let started: ChildProcess[] = []

afterEach(() => {
  // Nothing to do after a test that passed.
  for (const child of started) child.kill('SIGINT')
  started = []
})
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-automation-demo-test-'))
  // The database runs as a user of its own when root starts it.
  chmodSync(folder, 0o711)
  folders.push(folder)
  return folder
}

interface RunningDemo {
  child: ChildProcess
  output(): string
  errors(): string
  ended: Promise<number | null>
  /** Everything it has started so far that was seen. */
  family: Map<string, Relative>
  see(): void
}

function demo(args: readonly string[], folder = ''): RunningDemo {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  started.push(child)
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString('utf8')))
  const family = new Map<string, Relative>()
  function see(): void {
    for (const one of familyOf(child.pid ?? 0, folder)) family.set(`${one.pid} ${one.start}`, one)
  }
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, output: () => output, errors: () => errors, ended, family, see }
}

function commandsOf(family: Map<string, Relative>): string {
  return [...family.values()].map(({ command }) => command).join('\n')
}

async function untilUp(running: RunningDemo): Promise<void> {
  function isUp(): boolean {
    if (running.child.exitCode !== null) throw new Error(running.errors())
    return running.output().includes('Ctrl-C stops everything')
  }
  await until('the guide', isUp, patienceMs)
  running.see()
}

it(
  '--once --json plays the road, tells the story, and leaves nothing running',
  async () => {
    const folder = makeFolder()
    const running = demo(['--once', '--json', '--folder', folder], folder)
    const watch = setInterval(() => running.see(), 250)
    const code = await running.ended
    clearInterval(watch)

    expect(running.errors()).toContain('Everything is stopped')
    expect(code).toBe(0)
    // One object and nothing else.
    const story = JSON.parse(running.output()) as Stories
    expect(story.resolved_by_the_job).toBe(true)
    expect(story.ticket).toMatchObject({
      short_description: 'Disk /var is 97 % full on lnx-app-01',
      state: 'Resolved',
      close_code: 'Solution provided',
      resolved_by: 'Ticket Automation',
      caller: 'Carla Caller',
      opened_by: 'Abel Agent',
    })
    expect(story.automations.filter(({ fits }) => fits).map(({ title }) => title)).toEqual([
      'Free disk space',
      'Collect diagnostics',
    ])
    expect(story.run).toMatchObject({ template: 'free-disk-space', state: 'succeeded' })
    expect(story.run.progress.at(-1)).toMatchObject({ state: 'Succeeded', percent: 100 })
    expect(story.work_notes.map(({ text }) => text.split('\n')[0])).toEqual([
      'Automation "Free disk space" started (by abel.agent).',
      expect.stringMatching(/^Automation "Free disk space" succeeded\. Freed 16\.6 MB: 18 files/),
    ])
    expect(story.proof).toEqual({
      old_files: 18,
      old_files_deleted: 18,
      other_files: 28,
      other_files_kept: 28,
    })
    // What the disk itself says.
    const left = readdirSync(join(folder, 'server', 'app-logs')).toSorted()
    expect(left).toEqual([
      'README.txt',
      ...['orders', 'payments', 'search'].flatMap((name) =>
        [0, 2, 5].map((days) => `${name}-${days}d.log`),
      ),
    ])

    expectProcesses(story, folder)

    expect(commandsOf(running.family)).toMatch(/connector\/main\.ts/)
    expect(commandsOf(running.family)).toMatch(/instance\/main\.ts/)
    expect(commandsOf(running.family)).toMatch(/postgres -D/)
    expect(commandsOf(running.family)).toMatch(/web-shop\.mjs/)
    expect(stillRunning([...running.family.values()])).toEqual([])

    const text = tellStory(story)
    expect(text).toContain('Abel Agent clicks "Run automation" and sees')
    expect(text).toMatch(/fits {10}Free disk space/)
    expect(text).toContain('Area to clean: Logs of the applications')
    expect(text).toContain('18 of 18 old logs are gone, 28 of 28 other files are untouched')
    expect(text).toContain(`The job resolved ${story.ticket.number}`)
  },
  patienceMs,
)

/** The change and the order, as told and as the disk shows them. */
function expectProcesses({ change, order }: Stories, folder: string): void {
  const server = join(folder, 'server')
  expect(change.as_planned).toBe(true)
  expect(change.end).toMatchObject({ State: 'Review', 'Close code': 'Unsuccessful' })
  expect(change.run.steps.map(({ phase, where }) => `${phase} ${where}`)).toEqual([
    'pre_check web-01 web-02 web-03 web-04',
    'execute batch 1: web-01',
    'execute batch 2: web-02 web-03 web-04',
    'post_check web-01 web-02 web-03 web-04',
    'rollback batch 2: web-02 web-03 web-04',
    'rollback batch 1: web-01',
  ])
  expect(change.work_notes).toHaveLength(2)
  for (const name of ['web-01', 'web-02', 'web-03', 'web-04']) {
    const installed = readFileSync(join(server, 'farm', name, 'installed.json'), 'utf8')
    expect(JSON.parse(installed)).toEqual({ level: '2026-10' })
  }
  expect(order.as_planned).toBe(true)
  expect(order.end).toMatchObject({ State: 'Closed Complete', 'Requested for': 'Carla Caller' })
  expect(order.work_notes.length).toBeLessThan(3)
  const about = readFileSync(join(server, 'shares', 'team-accounting', 'about.json'), 'utf8')
  expect(JSON.parse(about)).toEqual({
    owner: 'carla.caller',
    gigabytes: 25,
    ordered_with: order.ticket.number,
  })
  const text = tellProcess(change)
  expect(text).toContain('Abel Agent clicks "Run automation" and runs "Patch the web farm"')
  expect(text).toContain('4 of 4 servers are back on patch level 2026-10')
  expect(text).toContain(`${change.ticket.number} went as planned.`)
}

it(
  'keeps its secrets to itself',
  () => {
    const folder = folders[0] ?? ''

    for (const name of ['connector.yaml', 'signing-key', 'oauth-secret', 'connector.log']) {
      expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600)
    }
  },
  patienceMs,
)

describe('the interactive demonstration', () => {
  it(
    'says what to click, and leaves nothing running after Ctrl-C',
    async () => {
      const folder = makeFolder()
      const running = demo(['--folder', folder], folder)
      await untilUp(running)
      const instance = /Local instance +(\S+)/.exec(running.output())?.[1] ?? ''
      const readiness = /(\S+\/readyz)/.exec(running.output())?.[1] ?? ''
      const pages = [await fetch(instance), await fetch(readiness)]
      const second = demo(['--folder', folder])
      const refused = await second.ended

      running.child.kill('SIGINT')
      const code = await running.ended

      expect(pages.map(({ status }) => status)).toEqual([200, 200])
      expect(running.output()).toContain('pick "Abel Agent"')
      expect(running.output()).toMatch(
        /Open CHG\d{7} "Patch the servers of the web farm": it is approved/,
      )
      expect(running.output()).toContain('"Service catalog", "New shared folder"')
      expect(running.output()).toMatch(/Open INC\d{7} "Disk \/var is 97 % full/)
      expect(refused).toBe(1)
      expect(second.errors()).toMatch(/a demonstration is running already \(process \d+\)/)
      expect(code).toBe(0)
      expect(running.family.size).toBeGreaterThan(4)
      expect(stillRunning([...running.family.values()])).toEqual([])
    },
    patienceMs,
  )

  it(
    'ends with a killed parent, and starts again in the same folder',
    async () => {
      const folder = makeFolder()
      const killed = demo(['--folder', folder], folder)
      await untilUp(killed)

      killed.child.kill('SIGKILL')
      await until(
        'its parts to end by themselves',
        () => stillRunning([...killed.family.values()]).length === 0,
        60_000,
      )
      const again = demo(['--folder', folder], folder)
      await untilUp(again)
      again.child.kill('SIGTERM')

      expect(await again.ended).toBe(0)
      expect(stillRunning([...again.family.values()])).toEqual([])
    },
    patienceMs,
  )
})

it('explains itself, and names a wrong option', async () => {
  const help = demo(['--help'])
  const wrong = demo(['--once', '--jsno'])
  const half = demo(['--json'])

  expect(await help.ended).toBe(0)
  expect(help.output()).toContain('npm run demo -- [options]')
  expect(await wrong.ended).toBe(1)
  expect(wrong.errors()).toContain("'--jsno'")
  expect(await half.ended).toBe(1)
  expect(half.errors()).toContain('--json goes with --once')
})
