// `rules check`, `rules explain`, `rules backtest` and `decide again` as commands of their own process, against a
// local instance and a database.
import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'

import { BacktestReport, DecideAgainReply, RuleExplainReply } from '#shared/rule-tools.ts'

import { testEnv, testInstance, writeConfigFile } from '../support/config.ts'
import { makeEvent, makeTicket, testActor } from '../support/events.ts'
import { spawnInstance } from '../support/instance.ts'
import type { SpawnedInstance } from '../support/instance.ts'
import { createTestDatabase } from '../support/postgres.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { roadTemplates } from '../support/road-templates.ts'
import { startTestRoad } from '../support/road.ts'
import type { TestRoad } from '../support/road.ts'
import { until } from '../support/until.ts'

/** Halves the time of a start; Node knows by content when an entry is out of date. */
const compileCache = resolve(
  import.meta.dirname,
  '../../node_modules/.cache/ticket-automation/compile',
)

const cli = resolve(import.meta.dirname, '../../connector/cli.ts')
const execFileAsync = promisify(execFile)

let database: TestDatabase
let road: TestRoad
let instance: SpawnedInstance
let configFile: string
let templatesDir: string
/** The sample incident that the tests look at. */
let incident: Record<string, string>

const disk = {
  ...roadTemplates['free-disk-space'],
  match: [
    { table: 'incident', when: 'numberSTARTSWITHINC', trigger: ['manual', 'created'] },
    { table: 'incident', when: 'u_none=1', trigger: ['created'] },
  ],
  parameters: [],
  targets: {},
  // The sample items are in production.
  environment: { allow: { production: { automatic: true } } },
}
const strict = { ...disk, name: 'strict', priority: 300, approval: 'required' }

beforeAll(async () => {
  database = await createTestDatabase()
  road = await startTestRoad({
    connectionString: database.connectionString,
    templates: roadTemplates,
  })
  instance = await spawnInstance({
    app: null,
    oauth: { clientId: 'connector', clientSecret: testEnv.ACME_OAUTH_SECRET },
  })
  configFile = configFor([{ ...testInstance(), url: instance.url }])
  templatesDir = folderWith({ 'free-disk-space': disk, strict })
  const found = await instance.records('incident', 'assigned_toISNOTEMPTY^cmdb_ciISNOTEMPTY')
  incident = found[0] ?? {}
}, 120_000)

afterAll(async () => {
  await instance.stop()
  await road.stop()
  await database.drop()
})

function configFor(instances: object[]): string {
  const platforms = { memory: { type: 'local', jobs_dir: '.' } }
  return writeConfigFile({ instances, platforms })
}

function folderWith(templates: Record<string, object>): string {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-automation-rules-'))
  for (const [name, content] of Object.entries(templates)) {
    writeFileSync(join(folder, `${name}.yaml`), stringify(content))
  }
  return folder
}

const Ended = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() })

async function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<z.infer<typeof Ended>> {
  const all = {
    PATH: process.env['PATH'] ?? '',
    NODE_COMPILE_CACHE: compileCache,
    CONFIG_FILE: configFile,
    TEMPLATES_DIR: templatesDir,
    DATABASE_URL: database.connectionString,
    ...testEnv,
    ...env,
  }
  try {
    return {
      code: 0,
      ...(await execFileAsync(process.execPath, [cli, ...args], { env: all, cwd: tmpdir() })),
    }
  } catch (error) {
    return Ended.parse(error)
  }
}

async function stored(): Promise<unknown> {
  const { rows } = await road.pool.query(
    `select (select count(*) from event) as events, (select count(*) from decision) as decisions,
       (select count(*) from run) as runs, (select count(*) from template_version) as versions,
       (select count(*) from audit_entry) as audit`,
  )
  return rows
}

describe('rules explain', () => {
  it('says of a ticket by its number which templates fit, with rules, checks and next steps', async () => {
    const before = await stored()

    const { code, stdout, stderr } = await run(['rules', 'explain', incident['number'] ?? ''])

    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain(`${incident['number']} (incident) as `)
    expect(stdout).toMatch(/created: would run free-disk-space/)
    expect(stdout).toMatch(/^✓ free-disk-space \(not published, created, priority 100\)$/m)
    expect(stdout).toMatch(/^✗ strict \(not published, created, priority 300\)$/m)
    expect(stdout).toMatch(/✓ +numberSTARTSWITHINC +matched/)
    expect(stdout).toMatch(/✗ +u_none=1 +invalid +.*unknown field/)
    expect(stdout).toMatch(/✗ +approval +.* → /)
    expect(await stored()).toEqual(before)
  })

  it('judges for the person named with --as, and for one template alone', async () => {
    const args = ['rules', 'explain', incident['number'] ?? '', '--template', 'free-disk-space']

    const { stdout } = await run([...args, '--as', 'carla.caller', '--json'])

    const { receipts } = RuleExplainReply.parse(JSON.parse(stdout))
    expect(new Set(receipts.map(({ name }) => name))).toEqual(new Set(['free-disk-space']))
    const manual = receipts.find(({ trigger }) => trigger === 'manual')
    const failed = manual?.decision.checks.filter(({ passed }) => !passed)
    expect(failed?.map(({ check }) => check)).toContain('actor-role')
  })

  it('takes a file with an event, needs no database with --offline, and says what it does without', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'event.json')
    writeFileSync(file, JSON.stringify(makeEvent()))
    const away = { DATABASE_URL: 'postgresql://127.0.0.1:1/none' }

    const offline = await run(['rules', 'explain', file, '--offline'], away)
    const unreachable = await run(['rules', 'explain', file], away)

    expect(offline.code).toBe(0)
    expect(offline.stdout).toContain('as beth.anglin (who caused the event)')
    expect(offline.stdout).toMatch(/Note: Earlier runs are not looked at.*--offline/)
    expect(unreachable.stdout).toMatch(/Note: Earlier runs are not looked at.*127\.0\.0\.1:1/)
  })

  it('sees earlier runs and version numbers where the database is there', async () => {
    const ticket = makeTicket()
    const crash = { type: 'string', value: 'crash' }
    const fields = { ...ticket.fields, short_description: crash }
    const data = { ticket: { ...ticket, fields }, actor: testActor, people: {} }
    const event = makeEvent({ data })
    await road.accept(event)
    await until('the run', async () => {
      const { rows } = await road.pool.query('select 1 from run where ticket_number = $1', [
        ticket.number,
      ])
      return rows.length > 0
    })
    const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'ticket.json')
    writeFileSync(file, JSON.stringify(data))
    const acme = configFor([testInstance()])

    const { stdout } = await run(['rules', 'explain', file, '--json'], {
      CONFIG_FILE: acme,
      TEMPLATES_DIR: road.templatesDir,
    })

    const { receipts } = RuleExplainReply.parse(JSON.parse(stdout))
    const again = receipts.find(({ trigger }) => trigger === 'created')
    expect(again).toMatchObject({ name: 'collect-logs', version: 1 })
    expect(again?.decision.checks.find(({ check }) => check === 'no-other-run')?.passed).toBe(false)
  })

  it.each([
    ['an unknown ticket', ['INC9999999'], /^error: acme has no ticket INC9999999, or its/],
    ['an unknown person', ['INC0010001', '--as', 'nobody'], /^error: acme has no user nobody/],
    ['an unknown template', ['INC0010001', '--template', 'x'], /^error: there is no template x; /],
    ['an unknown instance', ['INC0010001', '--instance', 'x'], /^error: there is no instance x/],
    ['a missing file', ['nothing.json'], /^error: nothing\.json is neither the number of a ticket/],
  ])('says what is wrong with %s', async (_name, args, message) => {
    const { code, stderr } = await run(['rules', 'explain', ...args])

    expect(code).toBe(1)
    expect(stderr).toMatch(message)
  })

  it('names the places of a file that holds no ticket', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'ticket.json')
    writeFileSync(file, JSON.stringify({ ticket: { ...makeTicket(), number: 'disk' } }))

    const { code, stderr } = await run(['rules', 'explain', file])

    expect(code).toBe(1)
    expect(stderr).toContain('does not hold a ticket')
    expect(stderr).toContain('ticket.number')
  })

  it('asks which of several instances is meant', async () => {
    const second = { ...testInstance(), name: 'other', issuer: 'other', url: 'https://b.test' }
    const keys = [{ kid: 'other-1', alg: 'HS256', secret: { env: 'ACME_SECRET' } }]
    const two = configFor([testInstance(), { ...second, keys }])

    const { code, stderr } = await run(['rules', 'explain', 'INC0010001'], { CONFIG_FILE: two })

    expect(code).toBe(1)
    expect(stderr).toMatch(/several instances are configured \(acme, other\): .*--instance/)
  })
})

describe('an instance that cannot be read', () => {
  it.each([
    ['is away', { url: 'http://127.0.0.1:1' }, /may this machine reach it\?/],
    ['knows the client no more', { oauth: 'stranger' }, /Compare client id and secret/],
  ])('that %s is named with the next step', async (_name, change, hint) => {
    const given = { url: instance.url, oauth: 'connector', ...change }
    const oauth = { client_id: given.oauth, client_secret: { env: 'ACME_OAUTH_SECRET' } }
    const file = configFor([{ ...testInstance(), url: given.url, oauth }])

    const { code, stderr } = await run(['rules', 'explain', 'INC0010001'], { CONFIG_FILE: file })

    expect(code).toBe(1)
    expect(stderr).toMatch(hint)
  })

  it('that answers with a page is named with the next step', async () => {
    const path = '/api/now/table/incident'
    await instance.failNext({ kind: 'html', count: 10, path })

    const { stderr } = await run(['rules', 'explain', incident['number'] ?? ''])
    await instance.clearFaults()

    expect(stderr).toMatch(
      /GET table incident: 200 but no records.*\n→ Is http:.* the instance itself/,
    )
  })
})

describe('rules backtest', () => {
  it('reports what would have run, on what, and why not, and writes nothing', async () => {
    const before = await stored()
    const tickets = await instance.records('incident')

    const { code, stdout, stderr } = await run(['rules', 'backtest', '--days', '30', '--json'])

    expect(stderr).toBe('')
    expect(code).toBe(0)
    const report = BacktestReport.parse(JSON.parse(stdout))
    expect(report).toMatchObject({ tickets: tickets.length, complete: true })
    const [free, other] = report.templates
    expect(free).toMatchObject({ name: 'free-disk-space', matched: tickets.length })
    expect(free?.rules[1]).toMatchObject({ matched: 0, invalid: tickets.length })
    expect(free?.targets.length).toBeGreaterThan(0)
    expect(other).toMatchObject({ name: 'strict', would_run: 0 })
    expect(other?.refusals.map(({ check }) => check)).toContain('approval')
    expect(report.overlaps[0]?.templates).toEqual(['free-disk-space', 'strict'])
    expect(await instance.records('incident')).toEqual(tickets)
    expect(await stored()).toEqual(before)
  })

  it('prints tables for people, for one template and table', async () => {
    const { stdout } = await run(['rules', 'backtest', '--template', 'free-disk-space'])

    expect(stdout).toMatch(/^\d+ tickets of incident created from /)
    expect(stdout).toMatch(/^Template +Priority +Matched +Would run +Outranked +Tied +Refused$/m)
    expect(stdout).not.toContain('strict')
    expect(stdout).toContain('Note: Only rules that fire on created are tried')
  })

  it.each([
    ['--days', '0', /must be a whole number from 1 to 90/],
    ['--days', '91', /must be a whole number from 1 to 90/],
    ['--table', 'incident^x', /must be a table name/],
    ['--as-of', 'tomorrow', /Allowed choices are created, now/],
  ])('refuses %s %s', async (option, value, message) => {
    const { code, stderr } = await run(['rules', 'backtest', option, value])

    expect(code).toBe(1)
    expect(stderr).toMatch(message)
  })
})

describe('rules check', () => {
  it('looks fields up in the dictionary of the instance', async () => {
    const { code, stdout } = await run(['rules', 'check', '--instance'])

    expect(code).toBe(1)
    expect(stdout).toMatch(
      /free-disk-space\.yaml:\d+:\d+ match\[1\]\.when\n {2}the table incident has no field u_none\n {2}→ /,
    )
  })

  it('warns of fields that are not sent and of rules that tie, and compares names with connector.yaml', async () => {
    const twin = { ...disk, name: 'twin', platform: 'nowhere', match: disk.match.slice(0, 1) }
    const folder = folderWith({ 'free-disk-space': disk, twin })

    const { code, stdout } = await run(['rules', 'check', folder])
    const json = await run(['rules', 'check', folder, '--json'])

    expect(code).toBe(1)
    expect(stdout).toMatch(/warning: u_none: the app does not send this field/)
    expect(stdout).toMatch(/warning: matches the same tickets as match\[0\] of free-disk-space/)
    expect(stdout).toContain('the platform "nowhere" is not in connector.yaml (there are: memory)')
    expect(stdout).toContain('2 templates, 3 rules, 1 problem, 2 warnings')
    expect(JSON.parse(json.stdout)).toMatchObject({
      templates: 2,
      problems: [{ path: 'platform', line: 4 }],
      warnings: [{ path: 'match[1].when' }, { path: 'match[0].when' }],
    })
  })
})

describe('decide again', () => {
  it('shows what today would decide otherwise', async () => {
    const ticket = makeTicket()
    const crash = { type: 'string', value: 'crash' }
    const fields = { ...ticket.fields, short_description: crash }
    const event = makeEvent({
      data: { ticket: { ...ticket, fields }, actor: testActor, people: {} },
    })
    await road.accept(event)
    // Until the road rests (the job goes on): what it stores itself must not look like the command's doing.
    await until('the launch of its run', async () => {
      const { rows } = await road.pool.query(
        `select from run join event on event.seq = run.event_seq
         join audit_entry on subject = 'run/' || run.instance || '/' || run.id and action = 'job.launched'
         where event.event_id = $1`,
        [event.id],
      )
      return rows.length > 0
    })
    const today = folderWith({
      'collect-logs': { ...roadTemplates['collect-logs'], approval: 'required' },
      fresh: { ...roadTemplates['collect-logs'], name: 'fresh' },
    })
    const env = { CONFIG_FILE: configFor([testInstance()]), TEMPLATES_DIR: today }
    const before = await stored()

    const { code, stdout, stderr } = await run(['decide', 'again', event.id], env)
    const json = await run(['decide', 'again', event.id, '--json'], env)

    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toContain('Started then: collect-logs\nWould start today: fresh')
    expect(stdout).toMatch(/^~ collect-logs: fits -> does not fit$/m)
    expect(stdout).toMatch(/check +approval +passed -> failed/)
    expect(stdout).toMatch(/^\+ fresh: fits/m)
    expect(DecideAgainReply.parse(JSON.parse(json.stdout)).runs).toEqual({
      before: ['collect-logs'],
      after: ['fresh'],
    })
    expect(await stored()).toEqual(before)
  })

  it('says that there is no such event, or no database', async () => {
    const unknown = await run(['decide', 'again', 'none'])
    const away = await run(['decide', 'again', 'none'], {
      DATABASE_URL: 'postgresql://127.0.0.1:1/none',
    })
    const never = await run(['decide', 'again', 'none'], {
      DATABASE_URL: '',
      DATA_DIR: mkdtempSync(join(tmpdir(), 'no-data-')),
    })

    expect(unknown.stderr).toMatch(/^error: there is no event none/)
    expect(away).toMatchObject({ code: 1, stderr: expect.stringMatching(/^error: .*127.0.0.1:1/) })
    expect(never.stderr).toMatch(/^error: there is no database below/)
  })
})
