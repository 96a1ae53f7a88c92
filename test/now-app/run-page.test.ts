// The run page in a real browser, against answers made here.
import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'

import type { Decision } from '#shared/decision.ts'
import type { PrefilledParameter, PreviewReply } from '#shared/preview.ts'

import { handOverTemplate, handOverTitle } from '../../connector/processes/hand-over.ts'
import { ensureAppBuilt } from '../support/app-build.ts'
import { openBrowser } from '../support/browser.ts'
import { type PageAnswer, type PageCall, servePage } from './page-server.ts'

const hostile = '<img src=x onerror="document.title=1">'

const fits: Decision = {
  template: 'free-disk-space',
  version: 3,
  fits: true,
  summary: 'The short description speaks of a full disk.',
  rules: [],
  checks: [],
}

const refused: Decision = {
  ...fits,
  template: 'restart-service',
  fits: false,
  summary: 'Refused: you are not in the group Unix Admins.',
  checks: [
    {
      check: 'template-permission',
      passed: false,
      detail: 'It asks for the group Unix Admins.',
      hint: 'Ask the Unix Admins to run it.',
    },
  ],
}

const parameters: PrefilledParameter[] = [
  parameter({
    name: 'folder',
    type: 'string',
    label: 'Folder',
    required: true,
    value: '/var/log',
    pattern: '/.+',
  }),
  parameter({
    name: 'days',
    type: 'integer',
    label: 'Older than (days)',
    value: 30,
    min: 1,
    help: 'Files changed later stay.',
  }),
  parameter({
    name: 'mode',
    type: 'choice',
    label: 'Mode',
    value: 'delete',
    choices: [
      { value: 'delete', label: 'Delete' },
      { value: 'compress', label: 'Compress' },
    ],
  }),
  parameter({ name: 'dry_run', type: 'boolean', label: 'Only look', value: false }),
  parameter({ name: 'password', type: 'secret', label: 'Password', required: true, value: null }),
  parameter({ name: 'host', type: 'string', label: 'Host', value: 'web01', editable: false }),
  parameter({ name: 'note', type: 'text', label: 'Note', value: null }),
]

const templates: PreviewReply['templates'] = [
  {
    name: 'free-disk-space',
    version: 3,
    title: 'Free disk space',
    description: hostile,
    decision: fits,
    parameters,
  },
  {
    name: 'restart-service',
    version: 1,
    title: 'Restart a service',
    description: 'Restarts it.',
    decision: refused,
    parameters: [],
  },
]

const ticket = {
  table: 'incident',
  sys_id: '1'.repeat(32),
  number: 'INC0010001',
  short_description: `Disk full ${hostile}`,
  state_label: 'New',
  over: false,
}

function parameter(values: Partial<PrefilledParameter>): PrefilledParameter {
  return {
    name: 'x',
    type: 'string',
    label: 'X',
    required: false,
    editable: true,
    value: null,
    ...values,
  }
}

function run(more: Record<string, unknown>): Record<string, unknown> {
  return {
    run_id: 'a'.repeat(32),
    ticket: { table: 'incident', sys_id: '1'.repeat(32), number: 'INC0010001' },
    template: { name: 'free-disk-space', version: 3, title: 'Free disk space' },
    state: 'running',
    state_label: 'Running',
    final: false,
    phase_label: 'Execute',
    step: { name: 'clean', position: 1, total: 2 },
    progress: 40,
    message: 'Cleaning /var/log',
    job: { id: 'job-7', url: 'javascript:alert(1)' },
    output: `line 1\n${hostile}`,
    output_omitted: 12,
    decision: null,
    decision_summary: '',
    cancel_requested: false,
    requested_by: 'Ann Agent',
    started: null,
    finished: null,
    window: null,
    steps: [],
    sequence: 2,
    ...more,
  }
}

/** Answers that go through a whole run; `calls` collects what the page asked. */
function wholeRun(calls: PageCall[]): (call: PageCall) => PageAnswer {
  let asked = 0
  return (call) => {
    calls.push(call)
    if (call.path.endsWith('/preview'))
      return { status: 200, result: { ticket, templates, classification: null, runs: [] } }
    if (call.path.endsWith('/runs')) return { status: 201, result: { run_id: 'a'.repeat(32) } }
    asked += 1
    if (asked < 3) return { status: 200, result: run({}) }
    return {
      status: 200,
      result: run({
        state: 'succeeded',
        state_label: 'Succeeded',
        final: true,
        progress: 100,
        message: 'Freed 2 GB',
      }),
    }
  }
}

/** Rule violations axe finds on what is shown. */
async function violations(page: Page): Promise<string[]> {
  const result = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa'])
    .analyze()
  return result.violations.map((violation) => `${violation.id}: ${violation.help}`)
}

// A busy machine needs minutes for a build.
beforeAll(ensureAppBuilt, 300_000)

describe('run page', { timeout: 60_000 }, () => {
  it('takes an agent from the list to the end of a run with the keyboard alone', async () => {
    const calls: PageCall[] = []
    await using server = await servePage(wholeRun(calls))
    await using browser = await openBrowser()
    const { page } = browser

    await page.goto(server.url)
    await page.getByRole('button', { name: 'Choose Free disk space' }).focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('Older than (days)').fill('7')
    await page.getByLabel('Mode').selectOption('compress')
    await page.getByLabel('Only look').focus()
    await page.keyboard.press('Space')
    await page.getByLabel('Password (required)').fill('hunter2')
    await page.keyboard.press('Enter')
    await page.getByText('Cleaning /var/log').waitFor()
    await page.getByText('Succeeded').waitFor()

    const order = calls.find((call) => call.method === 'POST')
    expect(order?.token).toBe(server.token)
    expect(order?.body).toEqual({
      run_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      template: 'free-disk-space',
      version: 3,
      parameters: {
        folder: '/var/log',
        days: 7,
        mode: 'compress',
        dry_run: true,
        password: 'hunter2',
        host: 'web01',
        note: null,
      },
    })
    expect(await page.locator('progress').getAttribute('value')).toBe('100')
    expect(await page.getByRole('button', { name: /cancel/i }).count()).toBe(0)
    expect(new URL(page.url()).searchParams.get('sysparm_run')).toBe('a'.repeat(32))
    expect(browser.problems).toEqual([])
  })

  it('calls a hand-over by its name, among the runs and on its own page', async () => {
    const refusal = { state: 'refused', state_label: 'Refused', final: true, message: 'Not yours' }
    const template = { name: handOverTemplate, version: 0, title: handOverTitle }
    const handedOver = run({ ...refusal, run_id: 'b'.repeat(32), template })
    const runs = [run(refusal), handedOver]
    await using server = await servePage((call) => {
      const preview = { ticket, templates, classification: null, runs }
      return { status: 200, result: call.path.endsWith('/preview') ? preview : handedOver }
    })
    await using browser = await openBrowser()
    const { page } = browser

    await page.goto(server.url)
    const watch = page.getByRole('button', { name: `Look at ${handOverTitle}` })
    await watch.waitFor()

    expect(await page.locator('.badge').allTextContents()).toEqual(['Refused', 'Handed over'])
    expect(await page.locator('.badge.bad').allTextContents()).toEqual(['Refused'])
    expect(await violations(page)).toEqual([])
    await watch.click()
    await page.getByText(`${handOverTitle} on INC0010001`).waitFor()
    expect(await page.locator('.badge').first().textContent()).toBe('Handed over')
    expect(browser.problems).toEqual([])
  })

  it('shows why an automation does not fit and what to do, and takes no text for markup', async () => {
    await using server = await servePage(wholeRun([]))
    await using browser = await openBrowser()
    const { page } = browser

    await page.goto(server.url)
    await page.getByText('It asks for the group Unix Admins.').waitFor()

    expect(await page.getByText('Ask the Unix Admins to run it.').count()).toBe(1)
    expect(await page.getByRole('button', { name: 'Choose Restart a service' }).count()).toBe(0)
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).toBe('Run automation')
  })

  it('names the fields that need a look, and sends nothing until they are right', async () => {
    const calls: PageCall[] = []
    await using server = await servePage(wholeRun(calls))
    await using browser = await openBrowser()
    const { page } = browser

    await page.goto(server.url)
    await page.getByRole('button', { name: 'Choose Free disk space' }).click()
    await page.getByLabel('Folder (required)').fill('relative')
    await page.getByLabel('Older than (days)').fill('many')
    await page.getByRole('button', { name: 'Run now' }).click()
    const summary = page.getByRole('alert')
    await summary.waitFor()

    expect(await summary.locator('li').allTextContents()).toEqual([
      'Folder must have the form /.+',
      'Older than (days) must be a number.',
      'Password is required.',
    ])
    expect(await page.getByLabel('Folder (required)').getAttribute('aria-invalid')).toBe('true')
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('alert')
    expect(calls.filter((call) => call.method === 'POST')).toEqual([])
    expect(await violations(page)).toEqual([])
  })

  it('keeps the values and says what to do when the request is refused', async () => {
    const refusal = {
      error: { code: 'template_changed', message: 'The automation has changed. Reload.' },
    }
    const answers = wholeRun([])
    await using server = await servePage((call) =>
      call.method === 'POST' ? { status: 409, result: refusal } : answers(call),
    )
    await using browser = await openBrowser()
    const { page } = browser

    await page.goto(server.url)
    await page.getByRole('button', { name: 'Choose Free disk space' }).click()
    await page.getByLabel('Password (required)').fill('x')
    await page.getByRole('button', { name: 'Run now' }).click()
    await page.getByText('The automation has changed. Reload.').waitFor()

    expect(await page.getByLabel('Password (required)').inputValue()).toBe('x')
    expect(await page.getByRole('button', { name: 'Run now' }).isEnabled()).toBe(true)
  })

  it('cancels a run after asking, and comes back to it after a reload', async () => {
    let cancelled = false
    await using server = await servePage((call) => {
      if (call.path.endsWith('/cancel')) cancelled = true
      return { status: 200, result: run({ cancel_requested: cancelled }) }
    })
    await using browser = await openBrowser()
    const { page } = browser

    await page.goto(`${server.url}&sysparm_run=${'a'.repeat(32)}`)
    await page.getByRole('button', { name: 'Cancel run' }).click()
    expect(cancelled).toBe(false)
    await page.getByRole('button', { name: 'Yes, cancel it' }).click()
    await page.getByText('Cancel requested.').waitFor()
    await page.reload()
    await page.getByText('Cancel requested.').waitFor()

    expect(cancelled).toBe(true)
    // A link of another system that is no web address never becomes a link.
    expect(await page.getByText('Job job-7').count()).toBe(1)
    expect(await page.getByRole('link', { name: /Job/ }).count()).toBe(0)
    expect(await page.locator('pre').textContent()).toContain(hostile)
  })

  it('says so when the connector is away, and looks again on request', async () => {
    let away = true
    const answers = wholeRun([])
    const error = {
      error: { code: 'connector_unreachable', message: 'The automation service does not answer.' },
    }
    await using server = await servePage((call) =>
      away ? { status: 502, result: error } : answers(call),
    )
    await using browser = await openBrowser()
    const { page } = browser

    await page.goto(server.url)
    await page.getByText('The automation service does not answer.').waitFor()
    expect(await violations(page)).toEqual([])
    away = false
    await page.getByRole('button', { name: 'Try again' }).click()

    await page.getByRole('button', { name: 'Choose Free disk space' }).waitFor()
  })

  it.each([
    ['light', false],
    ['dark', true],
  ])('passes the accessibility rules in %s colours', async (_name, darkMode) => {
    await using server = await servePage(wholeRun([]))
    await using browser = await openBrowser({ darkMode })
    const { page } = browser

    await page.goto(server.url)
    await page.getByRole('button', { name: 'Choose Free disk space' }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Choose Free disk space' }).click()
    await page.getByLabel('Password (required)').fill('x')
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: 'Run now' }).click()
    await page.getByText('Cleaning /var/log').waitFor()

    expect(await violations(page)).toEqual([])
  })
})
