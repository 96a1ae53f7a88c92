// The road as an agent sees it, in a real browser, with both halves and a real job behind it.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { signInAs } from './support/agent.ts'
import type { Agent, Ticket } from './support/agent.ts'
import { openBrowser } from './support/browser.ts'
import type { OpenBrowser } from './support/browser.ts'
import { startFlowSite } from './support/flow-site.ts'
import type { FlowSite } from './support/flow-site.ts'
import { focused, picture, signInOn, tabTo, violationsOn } from './support/page-tools.ts'
import { until } from './support/until.ts'

const startMs = 120_000
const patienceMs = 90_000

let site: FlowSite
let agent: Agent

beforeAll(async () => {
  site = await startFlowSite()
  agent = await signInAs(site.url, 'abel.agent')
}, startMs)
afterAll(async () => {
  await site[Symbol.asyncDispose]()
}, startMs)

function formOf(ticket: Ticket): string {
  return `${site.url}/incident.do?sys_id=${ticket.sysId}`
}

/** A mark in the page that a reload would wipe out. */
async function mark(page: Page): Promise<void> {
  await page.evaluate('window.stillHere = true')
}

async function isSamePage(page: Page): Promise<boolean> {
  return (await page.evaluate('window.stillHere === true')) === true
}

async function finishes(open: OpenBrowser): Promise<void> {
  expect(open.problems).toEqual([])
}

it(
  'an agent clicks Run automation, confirms, watches progress arrive, and sees the ticket Resolved',
  async () => {
    await using open = await openBrowser()
    const { page } = open
    const ticket = await agent.createIncident({
      short_description: 'wait for the <b>"sign"</b>',
      caller_id: 'Carla Caller',
      assignment_group: 'Unix Admins',
    })
    await signInOn(page, site.url, 'Abel Agent')
    await page.getByRole('link', { name: ticket.number }).first().click()
    await picture(page, 'road-1-ticket')
    await page.getByRole('button', { name: 'Run automation' }).click()

    // What fits, and why; what does not, why not, and what to do.
    const fitting = page.locator('section.card.fits')
    await fitting.first().waitFor()
    expect(await fitting.getByRole('heading').allTextContents()).toEqual(['Wait for a sign'])
    expect(await fitting.textContent()).toContain('short description contains "wait"')
    const refused = page.locator('section.card', { hasText: 'Reset a switch' })
    expect(await refused.textContent()).toContain('Network')
    // Once, not twice.
    expect((await refused.textContent())?.split('Ask one of them to run it')).toHaveLength(2)
    expect(await refused.textContent()).toMatch(/Next step: +Ask one of them to run it/)
    await picture(page, 'road-2-automations')
    expect(await violationsOn(page)).toEqual([])

    // The form keeps a wrong value back and says what is wrong with it.
    await page.getByRole('button', { name: 'Choose Wait for a sign' }).click()
    await page.getByLabel('Days').fill('99')
    await page.getByRole('button', { name: 'Run now' }).click()
    const alert = page.getByRole('alert')
    expect(await alert.getByRole('listitem').count()).toBe(2)
    await picture(page, 'road-3-form-with-errors')
    expect(await violationsOn(page)).toEqual([])
    await page.getByLabel('Reason').fill('The monitoring <says> so')
    await page.getByLabel('Days').fill('3')
    await mark(page)
    await page.getByRole('button', { name: 'Run now' }).click()

    // Progress arrives by itself.
    await page.getByText('Waiting for the first sign').waitFor()
    expect(await page.getByRole('progressbar').getAttribute('value')).not.toBe('100')
    await page.getByText('20 %').waitFor()
    await picture(page, 'road-4-running')
    expect(await violationsOn(page)).toEqual([])
    site.sign(ticket.number, 'half')
    await page.getByText('Waiting for the second sign').waitFor()
    await page.getByText('60 %').waitFor()
    expect(await page.locator('pre.output').textContent()).toContain('First part done')

    // The ticket, opened in another tab meanwhile, tells the same without a reload.
    const form = await page.context().newPage()
    await form.goto(formOf(ticket))
    await form.getByText('Automation "Wait for a sign" started (by abel.agent).').waitFor()
    await mark(form)
    site.sign(ticket.number, 'end')
    await page.getByText('Succeeded').waitFor()
    await page.getByText('100 %').waitFor()
    expect(await isSamePage(page)).toBe(true)
    await picture(page, 'road-5-succeeded')
    expect(await violationsOn(page)).toEqual([])
    await form.getByText('Automation "Wait for a sign" succeeded. All done').waitFor()
    await form.locator('#badges').getByText('Resolved').waitFor()
    expect(await isSamePage(form)).toBe(true)
    expect(await form.getByRole('button', { name: 'Run automation' }).count()).toBe(0)

    await page.getByRole('link', { name: /Back to/ }).click()
    await page.locator('#badges').getByText('Resolved').waitFor()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('<b>"sign"</b>')
    await picture(page, 'road-6-resolved')
    await finishes(open)
  },
  patienceMs,
)

it(
  'the keyboard alone is enough',
  async () => {
    await using open = await openBrowser({ darkMode: true })
    const { page } = open
    const ticket = await agent.createIncident({ short_description: 'wait' })
    await page.goto(site.url)
    await tabTo(page, await nameOfPerson(page, 'Abel Agent'))
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Hello, Abel Agent' }).waitFor()
    await tabTo(page, ticket.number)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: ticket.number }).waitFor()
    await tabTo(page, 'Run automation')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Automations that fit' }).waitFor()
    await tabTo(page, 'Choose Wait for a sign')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Wait for a sign' }).waitFor()
    await tabTo(page, 'Reason (required)')
    await page.keyboard.type('by hand')
    await tabTo(page, 'Be careful')
    await page.keyboard.press('Space')
    await tabTo(page, 'Run now')
    await page.keyboard.press('Enter')
    await page.getByText('Waiting for the first sign').waitFor()
    await picture(page, 'road-7-running-dark')
    expect(await violationsOn(page)).toEqual([])
    // Cancelling asks first.
    await tabTo(page, 'Cancel run')
    await page.keyboard.press('Enter')
    expect(await focused(page)).toBe('Keep it running')
    await page.keyboard.press('Shift+Tab')
    expect(await focused(page)).toBe('Yes, cancel it')
    await page.keyboard.press('Enter')
    await page.getByText('Cancelled', { exact: true }).waitFor()
    await page.getByText('Cancelled by abel.agent.', { exact: true }).waitFor()
    await picture(page, 'road-8-cancelled-dark')

    const [run] = await site.stack.instance.records(
      'x_snc_ticket_auto_run',
      `ticket=${ticket.sysId}`,
    )
    expect(run).toMatchObject({ state: 'cancelled' })
    expect(JSON.parse(run?.['parameters'] ?? '{}')).toEqual({
      reason: 'by hand',
      days: 7,
      careful: false,
    })
    await finishes(open)
  },
  patienceMs,
)

/** A person's button on the sign-in page carries title and roles as well. */
async function nameOfPerson(page: Page, name: string): Promise<string> {
  const text = await page.getByRole('button', { name: new RegExp(name) }).textContent()
  return (text ?? '').trim()
}

it(
  'whoever is no agent sees no button, and the route refuses them',
  async () => {
    await using open = await openBrowser()
    const { page } = open
    const ticket = await agent.createIncident({ short_description: 'wait' })
    await signInOn(page, site.url, 'Ivy Itil')
    await page.goto(formOf(ticket))
    await page.getByRole('button', { name: 'Save' }).waitFor()
    await picture(page, 'road-9-no-agent')

    const buttons = await page.getByRole('button').allTextContents()
    const route = `/api/x_snc_ticket_auto/v1/automation/tickets/incident/${ticket.sysId}/preview`
    const status = await page.evaluate(
      `fetch(${JSON.stringify(route)}, { headers: { Accept: 'application/json', 'X-UserToken': window.g_ck } }).then((answer) => answer.status)`,
    )

    expect(buttons.map((text) => text.trim())).not.toContain('Run automation')
    expect(status).toBe(403)
  },
  patienceMs,
)

it(
  'while the connector is down the page says what to do, and goes on once it is back',
  async () => {
    await using open = await openBrowser()
    const { page } = open
    const ticket = await agent.createIncident({ short_description: 'wait' })
    await site.stack.instance.settle()
    await signInOn(page, site.url, 'Abel Agent')
    await site.stack.connector().stop()
    await page.goto(formOf(ticket))
    await page.getByRole('button', { name: 'Run automation' }).click()
    const alert = page.getByRole('alert')
    await until('the reason', async () =>
      ((await alert.textContent()) ?? '').includes('does not answer'),
    )
    await picture(page, 'road-10-connector-down')
    expect(await violationsOn(page)).toEqual([])

    await site.stack.restartConnector()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('button', { name: 'Choose Wait for a sign' }).waitFor()
  },
  patienceMs,
)
