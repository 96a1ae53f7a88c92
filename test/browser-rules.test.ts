// What runs without a click, as agents and requesters see it: incidents that are healed and verified, what is
// refused for its environment, ordered items. And a run that ends because its ticket was closed.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { signInAs } from './support/agent.ts'
import type { Agent, Ticket } from './support/agent.ts'
import { openBrowser } from './support/browser.ts'
import {
  focused,
  formOf,
  picture,
  save,
  signInOn,
  tabTo,
  ticketOn,
  violationsOn,
} from './support/page-tools.ts'
import { startProcessSite } from './support/process-site.ts'
import type { ProcessSite } from './support/process-site.ts'
import { until } from './support/until.ts'

const startMs = 120_000
const patienceMs = 90_000

let site: ProcessSite
let agent: Agent

beforeAll(async () => {
  site = await startProcessSite()
  agent = await signInAs(site.url, 'abel.agent')
}, startMs)
afterAll(async () => {
  await site[Symbol.asyncDispose]()
}, startMs)

/** Opens an incident with the form. */
async function openIncident(page: Page, text: string, item: string): Promise<Ticket> {
  await page.goto(`${site.url}/incident.do?sys_id=-1`)
  await page.getByLabel('Short description').fill(text)
  await page.getByLabel('Configuration item', { exact: true }).selectOption(item)
  await page.getByLabel('Assignment group').selectOption('Unix Admins')
  await save(page)
  return await ticketOn(page)
}

/** First lines of the work notes, oldest first. */
async function firstLines(ticket: Ticket): Promise<string[]> {
  return (await agent.notes(ticket)).map(({ text }) => text.split('\n')[0] ?? '')
}

it(
  'an incident is resolved by itself only when the result was verified',
  async () => {
    await using open = await openBrowser()
    const { page } = open
    await signInOn(page, site.url, 'Abel Agent')
    site.holds('restart-service', 'mail-gw')
    site.fails('check-service', 'bad-gw')
    const healed = await openIncident(page, 'Monitoring: service mail-gw is silent', 'lnx-test-07')
    await page.getByText('Automation "Restart and verify" started (by a rule).').waitFor()
    await picture(page, 'process-rules-1-started')
    site.release('restart-service')
    await page.locator('#badges').getByText('Resolved').waitFor()
    await page.getByText('Automation "Restart and verify" succeeded.').waitFor()
    await page.reload()
    await picture(page, 'process-rules-2-resolved')
    const broken = await openIncident(page, 'Monitoring: service bad-gw is silent', 'lnx-test-08')
    await page.getByText('Automation "Restart and verify" failed.').waitFor()
    await page.locator('#badges').getByText('In Progress').waitFor()
    await picture(page, 'process-rules-3-not-verified')

    const resolved = await agent.read(healed, ['state', 'close_code', 'close_notes'])
    expect(resolved).toMatchObject({ state: 'Resolved', close_code: 'Solution provided' })
    expect(resolved['close_notes']).toContain('Verified by "Service answers".')
    expect(await agent.notes(healed)).toHaveLength(2)
    expect(await agent.read(broken, ['state', 'close_code', 'assignment_group'])).toEqual({
      state: 'In Progress',
      close_code: '',
      assignment_group: 'Unix Admins',
    })
    expect((await firstLines(healed)).at(-1)).toBe(
      'Automation "Restart and verify" succeeded. restart-service is done on mail-gw. Verified by "Service answers".',
    )
    expect((await firstLines(broken)).at(-1)).toMatch(
      /failed\. Post-check "Service answers" failed/,
    )
    expect(site.traces(broken.number).map(({ job }) => job)).toEqual([
      'restart-service',
      'check-service',
    ])
    expect(open.problems).toEqual([])
  },
  patienceMs,
)

it(
  'production is refused for who has no role there, with the reason and a next step',
  async () => {
    await using open = await openBrowser()
    const { page } = open
    await signInOn(page, site.url, 'Abel Agent')
    const ticket = await openIncident(page, 'Please restart service payroll', 'lnx-app-01')
    await page.getByRole('button', { name: 'Run automation' }).click()
    const card = page.locator('section.card', { hasText: 'Restart a service' })
    await card.getByText('The environment is production').waitFor()
    const text = (await card.textContent()) ?? ''
    await picture(page, 'process-rules-4-refused')
    expect(text).toContain('abel.agent has none of the roles for it: itil_admin.')
    expect(text).toContain('Next step: Ask somebody with the role itil_admin to run it.')
    expect(await violationsOn(page)).toEqual([])

    // Somebody who has it may.
    const other = await open.anotherPage()
    await signInOn(other, site.url, 'Olga Operator')
    await other.goto(formOf(site.url, ticket))
    await other.getByRole('button', { name: 'Run automation' }).click()
    await other.getByRole('button', { name: 'Choose Restart a service' }).waitFor()
    expect(open.problems).toEqual([])
  },
  patienceMs,
)

it(
  'a rule that may not start in production says so once',
  async () => {
    const ticket = await agent.createIncident({
      short_description: 'Monitoring: service payroll is silent',
      cmdb_ci: 'lnx-app-01',
    })
    await until('the note', async () => (await agent.notes(ticket)).length > 0)
    await agent.change(ticket, { urgency: '1' })
    await agent.change(ticket, { impact: '1' })
    await site.stack.instance.settle()

    const [note, ...others] = await agent.notes(ticket)
    expect(note?.text).toContain('Automation "Restart and verify" was not started.')
    expect(note?.text).toContain('The environment is production')
    expect(others).toEqual([])
    expect(await agent.read(ticket, ['state'])).toEqual({ state: 'New' })
    expect(site.traces(ticket.number)).toEqual([])
  },
  patienceMs,
)

/** Orders the item with the page's form; gives the requested item whose form opens. */
async function order(page: Page, item: string, answers: Record<string, string>): Promise<Ticket> {
  await page.goto(`${site.url}/catalog_home.do`)
  await page.getByRole('link', { name: item }).click()
  for (const [label, value] of Object.entries(answers)) {
    await page.getByRole('textbox', { name: label }).fill(value)
  }
  await page.getByRole('button', { name: 'Order now' }).click()
  await page.getByText(/Ordered: RITM\d+/).waitFor()
  return await ticketOn(page)
}

it(
  'an ordered item is fulfilled for whom it was ordered; what cannot be done is said and stays open',
  async () => {
    await using open = await openBrowser()
    const { page } = open
    await signInOn(page, site.url, 'Carla Caller')
    await page.getByRole('link', { name: 'Service catalog' }).click()
    await page.getByRole('heading', { name: 'New virtual machine' }).waitFor()
    await picture(page, 'process-rules-5-catalog')
    expect(await violationsOn(page)).toEqual([])
    await page.getByRole('link', { name: 'New virtual machine' }).click()
    await page.getByRole('button', { name: 'Order now' }).waitFor()
    await picture(page, 'process-rules-6-item')
    expect(await violationsOn(page)).toEqual([])
    const good = await order(page, 'New virtual machine', {
      'Name of the machine': 'build-7',
      'Disk (GB)': '80',
    })
    await page.locator('#badges').getByText('Closed Complete').waitFor()
    await picture(page, 'process-rules-7-fulfilled')
    expect(await violationsOn(page)).toEqual([])
    const bad = await order(page, 'New virtual machine', {
      'Name of the machine': 'My Machine!',
      'Disk (GB)': '9000',
    })
    // The requester reads what is wrong, too.
    await page.getByText('Some answers of this order cannot be used:').waitFor()
    await page.getByText('3 to 31 lower case letters, digits and -.').waitFor()
    await picture(page, 'process-rules-8-bad-answers')
    const manual = await order(page, 'Restart a service', {
      Server: 'lnx-app-01',
      'Service to restart': 'payroll',
    })
    await until('the notes', async () => {
      const notes = await Promise.all([bad, manual].map((item) => agent.notes(item)))
      return notes.every((list) => list.length > 0)
    })

    expect(site.traces(good.number)).toMatchObject([
      {
        job: 'create-machine',
        parameters: { name: 'build-7', size: 'small', disk: 80, owner: 'carla.caller' },
      },
    ])
    const closed = await agent.read(good, ['state', 'active', 'close_notes', 'requested_for'])
    expect(closed).toMatchObject({
      state: 'Closed Complete',
      active: 'false',
      requested_for: 'Carla Caller',
    })
    const [refused, ...more] = await agent.notes(bad)
    expect(refused?.text).toContain(
      '"Name of the machine" does not have the right form: 3 to 31 lower case letters, digits and -.',
    )
    expect(refused?.text).toContain('"Disk (GB)" must be at most 500')
    expect(more).toEqual([])
    expect(await agent.read(bad, ['state', 'active'])).toEqual({ state: 'Open', active: 'true' })
    expect(await firstLines(manual)).toEqual([`No automation fulfils ${manual.number} by itself.`])
    expect(await agent.read(manual, ['state', 'assignment_group'])).toEqual({
      state: 'Open',
      assignment_group: 'Unix Admins',
    })
    const worker = await open.anotherPage()
    await signInOn(worker, site.url, 'Abel Agent')
    for (const [index, item] of [good, bad, manual].entries()) {
      await worker.goto(formOf(site.url, item))
      await worker.getByText('Ticket Automation').first().waitFor()
      await picture(worker, `process-rules-9-order-${index + 1}`)
    }
    expect(open.problems).toEqual([])
  },
  patienceMs,
)

it(
  'closing the ticket ends its job, and the note says how; by keyboard alone',
  async () => {
    await using open = await openBrowser({ darkMode: true })
    const { page } = open
    site.holds('restart-service', 'slow-gw')
    const ticket = await agent.createIncident({
      short_description: 'Please restart service slow-gw',
      cmdb_ci: 'lnx-test-09',
    })
    await signInOn(page, site.url, 'Abel Agent')
    await page.goto(formOf(site.url, ticket))
    await tabTo(page, 'Run automation')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Automations that fit' }).waitFor()
    await tabTo(page, 'Choose Restart a service')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Restart a service' }).waitFor()
    await tabTo(page, 'Run now')
    await page.keyboard.press('Enter')
    await page.getByText('Waiting for the other node').waitFor()
    await picture(page, 'process-rules-10-running-dark')
    expect(await violationsOn(page)).toEqual([])

    const closer = await open.anotherPage()
    await signInOn(closer, site.url, 'Ivy Itil')
    await closer.goto(formOf(site.url, ticket))
    await closer.getByLabel('State', { exact: true }).selectOption('Closed')
    await closer.getByLabel('Resolution code').selectOption('User error')
    await closer.getByLabel('Resolution notes').fill('It was the cable.')
    await save(closer)
    await page.getByText('Cancelled', { exact: true }).waitFor()
    await tabTo(page, 'Back to the ticket')
    expect(await focused(page)).toBe('Back to the ticket')
    await picture(page, 'process-rules-11-cancelled-dark')

    expect(site.traces(ticket.number).map(({ event }) => event)).toEqual(['began', 'asked to end'])
    await until('the note', async () => (await agent.notes(ticket)).length > 1)
    const [, end, ...more] = await agent.notes(ticket)
    expect(end?.text).toMatch(/was cancelled\. .*was closed/)
    expect(more).toEqual([])
    expect(await agent.read(ticket, ['state', 'close_notes'])).toEqual({
      state: 'Closed',
      close_notes: 'It was the cable.',
    })
    expect(open.problems).toEqual([])
  },
  patienceMs,
)
