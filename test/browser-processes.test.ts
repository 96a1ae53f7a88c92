// Changes as the people in them see them, in a real browser, with both halves and real jobs; only the connector's
// clock is moved. Incidents and orders: browser-rules.test.ts.
import { afterAll, beforeAll, expect, it } from 'vitest'

import type { RunWithPlan } from '../now-app/src/server/run-record.ts'
import { signInAs } from './support/agent.ts'
import type { Agent, Ticket } from './support/agent.ts'
import { openBrowser } from './support/browser.ts'
import type { OpenBrowser } from './support/browser.ts'
import { formOf, picture, save, signInOn, ticketOn, violationsOn } from './support/page-tools.ts'
import { startProcessSite } from './support/process-site.ts'
import type { ProcessSite } from './support/process-site.ts'
import { until } from './support/until.ts'

const startMs = 120_000
const patienceMs = 120_000
const hourMs = 3_600_000

let site: ProcessSite
let agent: Agent

beforeAll(async () => {
  site = await startProcessSite()
  agent = await signInAs(site.url, 'abel.agent')
}, startMs)
afterAll(async () => {
  await site[Symbol.asyncDispose]()
}, startMs)

/** A moment of the connector's time as people type it into a form. */
function inHours(hours: number): string {
  const at = new Date(site.now().getTime() + hours * hourMs)
  return at.toISOString().slice(0, 19).replace('T', ' ')
}

/** First lines of the work notes, oldest first. */
async function firstLines(ticket: Ticket): Promise<string[]> {
  return (await agent.notes(ticket)).map(({ text }) => text.split('\n')[0] ?? '')
}

/** Job and its list of servers, of everything that began. */
function beginnings(ticket: Ticket): string[] {
  return site
    .traces(ticket.number)
    .filter(({ event }) => event === 'began')
    .map(({ job, parameters }) => `${job} ${String(parameters['hosts'] ?? parameters['service'])}`)
}

function noProblems(open: OpenBrowser): void {
  expect(open.problems).toEqual([])
}

it(
  'a normal change is approved, waits for its window, runs in batches, fails its check and is rolled back',
  async () => {
    await using open = await openBrowser()
    const manager = open.page
    await signInOn(manager, site.url, 'Mia Manager')
    await manager.goto(`${site.url}/change_request.do?sys_id=-1`)
    await manager.getByLabel('Short description').fill('Please patch the web servers')
    await manager.getByLabel('Configuration item', { exact: true }).selectOption('lnx-test-07')
    await manager.getByLabel('Assignment group').selectOption('Unix Admins')
    await manager.getByLabel('Planned start date').fill(inHours(2))
    await manager.getByLabel('Planned end date').fill(inHours(6))
    await picture(manager, 'process-1-new-change')
    expect(await violationsOn(manager)).toEqual([])
    await save(manager)
    const change = await ticketOn(manager)
    await manager.getByLabel('State', { exact: true }).selectOption('Assess')
    await save(manager)

    // Not approved yet: no automation fits, and the page says what is missing.
    const page = await open.anotherPage()
    await signInOn(page, site.url, 'Abel Agent')
    await page.goto(formOf(site.url, change))
    await page.getByRole('button', { name: 'Run automation' }).click()
    const card = page.locator('section.card', { hasText: 'Patch web servers' })
    await card.getByText(`${change.number} waits for its approval.`).waitFor()
    await picture(page, 'process-2-not-approved')
    expect(await violationsOn(page)).toEqual([])
    for (const reached of ['Authorize', 'Scheduled']) {
      await manager.getByLabel('Approval', { exact: true }).selectOption('Approved')
      await save(manager)
      await manager.locator('#badges').getByText(reached).waitFor()
    }
    await picture(manager, 'process-3-approved')

    // An agent starts it a day ahead, so to say.
    await page.reload()
    await page.getByRole('button', { name: 'Choose Patch web servers' }).click()
    await page.getByText(/^The run starts at .* and has until /).waitFor()
    await picture(page, 'process-4-form')
    expect(await violationsOn(page)).toEqual([])
    await page.getByRole('button', { name: 'Start run' }).click()
    await page.getByText('Waiting', { exact: true }).waitFor()
    await picture(page, 'process-5-waiting')
    expect(await violationsOn(page)).toEqual([])
    await manager.reload()
    await manager.getByText(/^Scheduled: automation "Patch web servers" starts at/).waitFor()
    await picture(manager, 'process-6-scheduled')
    expect(beginnings(change)).toEqual([])

    // The window opens. The second batch is held, so that the page shows the plan in its middle.
    site.holds('drain-and-patch', 'web-04')
    site.fails('check-health', '"level":"2026-11","deep":true')
    await site.moveClock(2 * hourMs + 60_000)
    await page.getByText('Waiting for the other node').first().waitFor()
    await picture(page, 'process-7-second-batch')
    expect(await violationsOn(page)).toEqual([])
    await manager.locator('#badges').getByText('Implement').waitFor()
    site.release('drain-and-patch')
    await page.getByText('Rolled back', { exact: true }).first().waitFor()
    await page.getByRole('heading', { name: 'Output of step 6: Patch' }).waitFor()
    await page.getByText('Evidence of step 2').click()
    await picture(page, 'process-8-rolled-back')
    expect(await violationsOn(page)).toEqual([])

    expect(beginnings(change)).toEqual([
      'check-health web-01, web-02, web-03, web-04',
      'drain-and-patch web-01',
      'drain-and-patch web-02,web-03,web-04',
      'check-health web-01, web-02, web-03, web-04',
      'restore-packages web-02,web-03,web-04',
      'restore-packages web-01',
    ])
    const undone = site.traces(change.number).filter(({ job }) => job === 'restore-packages')
    expect(undone.map(({ parameters }) => parameters['level'])).toEqual(['2026-11', '2026-11'])
    await manager.locator('#badges').getByText('Review').waitFor()
    await manager.reload()
    await picture(manager, 'process-9-review')
    const told = await agent.read(change, ['state', 'close_code', 'work_start', 'work_end'])
    expect(told).toMatchObject({ state: 'Review', close_code: 'Unsuccessful' })
    expect([told['work_start'], told['work_end']]).not.toContain('')
    // Of all the outputs the one of the check that failed, and every step's evidence.
    const end = (await agent.notes(change)).at(-1)?.text ?? ''
    expect(end).toContain('Output of "Shop answers":\ncheck-health on web-01')
    expect(
      end.match(/^(pre-check|execute|post-check|rollback) \| .* \| [0-9a-f]{12}$/gm),
    ).toHaveLength(6)
    expect(await firstLines(change)).toEqual([
      expect.stringMatching(/^Scheduled: automation "Patch web servers" starts at/),
      'Automation "Patch web servers" started (by abel.agent).',
      expect.stringMatching(/^Automation "Patch web servers" was rolled back\./),
    ])
    noProblems(open)
  },
  patienceMs,
)

/** An approved emergency change whose hole is closed at once. */
async function emergency(service: string): Promise<{ change: Ticket; run: RunWithPlan }> {
  const change = await agent.create('change_request', {
    short_description: `Please close the hole in ${service}`,
    type: 'Emergency',
    cmdb_ci: 'lnx-test-08',
  })
  await agent.change(change, { state: '-3' })
  await agent.change(change, { approval: 'approved' })
  const { templates } = await agent.preview(change)
  const offer = templates.find(({ name }) => name === 'close-hole')
  if (offer === undefined) throw new Error('close-hole is not offered')
  const run = await agent.untilEnded(await agent.run(change, offer, { service }))
  return { change, run }
}

it(
  'an emergency change goes on after a failed step that is not critical, and is rolled back after one that is',
  async () => {
    site.fails('tell-owners', 'mail')
    const first = await emergency('mail')
    site.fails('close-port', '"others":true')
    const second = await emergency('files')
    await until('the ends', async () => {
      const states = await Promise.all(
        [first, second].map(({ change }) => agent.read(change, ['state'])),
      )
      return states.every(({ state }) => state === 'Review')
    })

    expect(first.run.state).toBe('succeeded')
    expect(await agent.read(first.change, ['close_code'])).toEqual({
      close_code: 'Successful with issues',
    })
    expect(site.traces(first.change.number).map(({ job }) => job)).toEqual([
      'close-port',
      'tell-owners',
      'close-port',
    ])
    const [, done] = await agent.notes(first.change)
    expect(done?.text).toMatch(
      /succeeded\. "Close port", "Close it on the others" done\.\nWith issues: "Tell the owners" failed/,
    )
    expect(second.run.state).toBe('rolled_back')
    expect(site.traces(second.change.number).map(({ job }) => job)).toEqual([
      'close-port',
      'tell-owners',
      'close-port',
      'open-port',
    ])
    expect(await agent.read(second.change, ['close_code'])).toEqual({ close_code: 'Unsuccessful' })
  },
  patienceMs,
)

/** A normal change, approved, with a window that begins in so many hours. */
async function approved(hours: number): Promise<Ticket> {
  const change = await agent.create('change_request', {
    short_description: 'Please patch the web servers',
    type: 'Normal',
    cmdb_ci: 'lnx-test-09',
    start_date: inHours(hours),
    end_date: inHours(hours + 6),
  })
  for (const fields of [{ state: '-4' }, { approval: 'approved' }, { approval: 'approved' }]) {
    await agent.change(change, fields)
  }
  return change
}

it(
  'a scheduled change that is moved starts at its new time, and not while it is on hold',
  async () => {
    const change = await approved(2)
    const { templates } = await agent.preview(change)
    const offer = templates.find(({ name }) => name === 'patch-web-servers')
    if (offer === undefined) throw new Error('patch-web-servers is not offered')
    const runId = await agent.run(change, offer, { hosts: 'db-01', level: '2026-12' })
    await until('the schedule', async () => (await agent.notes(change)).length === 1)

    const later = inHours(4)
    await agent.change(change, { start_date: later })
    await until('the new schedule', async () => (await agent.notes(change)).length === 2)
    await site.moveClock(2 * hourMs + 60_000)
    await agent.change(change, { on_hold: 'true', on_hold_reason: 'The auditors are in' })
    // It says so at once, though it would have waited anyway.
    await until('the hold', async () =>
      (await agent.look(runId)).message.includes('The auditors are in'),
    )
    await site.moveClock(2 * hourMs + 60_000)
    await until('another look', async () => (await agent.look(runId)).state === 'waiting')
    expect(beginnings(change)).toEqual([])
    await agent.change(change, { on_hold: 'false' })
    const run = await agent.untilEnded(runId)
    await until('its end', async () => (await agent.read(change, ['state']))['state'] === 'Review')

    expect(run.state).toBe('succeeded')
    expect(beginnings(change)).toHaveLength(3)
    const [first, second, ...others] = await firstLines(change)
    expect(first).toMatch(/^Scheduled: automation "Patch web servers" starts at/)
    expect(second).toContain(`starts at ${later.slice(0, 16)} UTC (by abel.agent).`)
    expect(others).toEqual([
      'Automation "Patch web servers" started (by abel.agent).',
      'Automation "Patch web servers" succeeded. drain-and-patch is done on db-01. Verified by "Shop answers".',
    ])
    expect(await agent.read(change, ['close_code'])).toEqual({ close_code: 'Successful' })
  },
  patienceMs,
)
