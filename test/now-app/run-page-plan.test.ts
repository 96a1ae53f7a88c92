// The run page with a plan, a window and a suggestion, in a real browser against answers made here.
import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'

import type { PreviewReply } from '#shared/preview.ts'
import type { StepEvidence } from '#shared/status-update.ts'

import { ensureAppBuilt } from '../support/app-build.ts'
import { openBrowser } from '../support/browser.ts'
import { servePage } from './page-server.ts'

const runId = 'a'.repeat(32)
const hosts = Array.from({ length: 9 }, (_, index) => `lnx-test-0${index + 1}`)
const hostile = '<img src=x onerror="document.title=1">'
const digest = 'c0ffee'.padEnd(64, '0')

function step(position: number, values: Partial<StepEvidence>): StepEvidence {
  return {
    position,
    phase: 'execute',
    name: 'Patch',
    state: 'pending',
    platform: 'awx',
    job: '42',
    job_id: null,
    job_url: null,
    batch: null,
    targets: [],
    started_at: null,
    finished_at: null,
    message: '',
    output_sha256: null,
    ...values,
  }
}

const done = {
  state: 'succeeded',
  started_at: '2026-03-01T20:00:00.000Z',
  finished_at: '2026-03-01T20:05:00.000Z',
  output_sha256: digest,
} as const

const plan: StepEvidence[] = [
  step(1, { phase: 'pre_check', name: 'Look first', ...done, job_id: 'job-1' }),
  step(2, {
    ...done,
    batch: 1,
    targets: hosts.slice(0, 1),
    job_id: 'job-2',
    job_url: 'https://awx.example.com/2',
  }),
  step(3, {
    batch: 2,
    targets: hosts.slice(1),
    state: 'running',
    job_id: 'job-3',
    message: hostile,
  }),
  step(4, { phase: 'post_check', name: 'Look again' }),
  step(5, { phase: 'rollback', name: 'Undo: Patch', targets: hosts.slice(0, 1) }),
]

function run(more: Record<string, unknown>): Record<string, unknown> {
  return {
    run_id: runId,
    ticket: { table: 'change_request', sys_id: '1'.repeat(32), number: 'CHG0030001' },
    template: { name: 'patch', version: 1, title: 'Patch servers' },
    state: 'running',
    state_label: 'Running',
    final: false,
    phase_label: 'Execute',
    step: { name: 'Patch', position: 3, total: 5 },
    progress: 40,
    message: 'Batch 2 of 2',
    job: null,
    output: '',
    output_omitted: 0,
    decision: null,
    decision_summary: '',
    cancel_requested: false,
    requested_by: '',
    started: null,
    finished: null,
    window: null,
    steps: plan,
    sequence: 2,
    ...more,
  }
}

async function violations(page: Page): Promise<string[]> {
  const result = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa'])
    .analyze()
  return result.violations.map((violation) => `${violation.id}: ${violation.help}`)
}

beforeAll(async () => {
  await ensureAppBuilt()
}, 300_000)

describe('the plan of a run', { timeout: 60_000 }, () => {
  it('stands under its phases, each step with batch, state and targets', async () => {
    await using server = await servePage(() => ({ status: 200, result: run({}) }))
    await using browser = await openBrowser()
    const { page } = browser

    await page.goto(`${server.url}&sysparm_run=${runId}`)
    await page.getByRole('heading', { name: 'Plan' }).waitFor()

    const phases = await page.locator('h3').allTextContents()
    expect(phases).toEqual(['Checks before', 'Changes', 'Checks after', 'Rollback'])
    const changes = page.getByRole('list', { name: 'Changes' })
    expect(await changes.getByRole('listitem').count()).toBe(2)
    expect(await changes.textContent()).toContain('Batch 1: lnx-test-01')
    expect(await changes.textContent()).toContain(
      'Batch 2: lnx-test-02, lnx-test-03, lnx-test-04, lnx-test-05, lnx-test-06 and 3 more',
    )
    expect(await page.locator('[aria-current="step"]').textContent()).toContain('3. Patch')
    expect(await page.getByRole('list', { name: 'Rollback' }).textContent()).toContain(
      'Only if needed',
    )
    expect(await page.locator('img').count()).toBe(0)
    expect(browser.problems).toEqual([])
  })

  it('opens the evidence of a step by keyboard, and keeps it open while the run goes on', async () => {
    let message = 'One of eight'
    await using server = await servePage(() => {
      const steps = plan.map((one) => (one.position === 3 ? { ...one, message } : one))
      return { status: 200, result: run({ steps }) }
    })
    await using browser = await openBrowser()
    const { page } = browser
    await page.goto(`${server.url}&sysparm_run=${runId}`)
    await page.getByText('One of eight').waitFor()

    await page.getByText('Evidence of step 3').focus()
    await page.keyboard.press('Enter')
    message = 'Two of eight'
    await page.getByText('Two of eight').waitFor()

    expect(await page.locator('details[open]').count()).toBe(1)
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Evidence of step 3')
    await page.getByText('Evidence of step 2').click()
    expect(await page.getByText(digest).last().isVisible()).toBe(true)
    expect(await page.getByRole('link', { name: /Job job-2/ }).getAttribute('href')).toBe(
      'https://awx.example.com/2',
    )
    expect(await violations(page)).toEqual([])
  })

  it.each([
    ['light', false],
    ['dark', true],
  ])('passes the accessibility rules in %s colours', async (_name, darkMode) => {
    await using server = await servePage(() => ({ status: 200, result: run({}) }))
    await using browser = await openBrowser({ darkMode })
    const { page } = browser

    await page.goto(`${server.url}&sysparm_run=${runId}`)
    await page.getByRole('heading', { name: 'Plan' }).waitFor()

    expect(await violations(page)).toEqual([])
  })

  it('is left out while a run has one job alone, whose words stand on the page already', async () => {
    let final = false
    const only = step(1, { ...done, job_id: 'job-1', message: 'Freed 2 GB' })
    await using server = await servePage(() => ({
      status: 200,
      result: run({ steps: [only], message: 'Freed 2 GB', final }),
    }))
    await using browser = await openBrowser()
    const { page } = browser

    await page.goto(`${server.url}&sysparm_run=${runId}`)
    await page.getByText('Freed 2 GB').waitFor()
    expect(await page.getByRole('heading', { name: 'Plan' }).count()).toBe(0)
    final = true
    await page.getByText('Evidence', { exact: true }).click()

    expect(await page.getByText(digest).isVisible()).toBe(true)
    expect(await page.getByText('Freed 2 GB').count()).toBe(1)
  })

  it('says what a waiting run waits for', async () => {
    const [start, end] = ['2030-01-01T20:00:00.000Z', '2030-01-01T22:00:00.000Z']
    await using server = await servePage(() => ({
      status: 200,
      result: run({
        state: 'waiting',
        state_label: 'Waiting',
        message: 'Waits until the change window opens.',
        window: { start, end },
      }),
    }))
    await using browser = await openBrowser()
    const { page } = browser

    await page.goto(`${server.url}&sysparm_run=${runId}`)
    await page.getByText('Waits until the change window opens.').waitFor()

    const times = page.getByText('Window: from').locator('time')
    expect(await times.first().getAttribute('datetime')).toBe(start)
    expect(await times.last().getAttribute('datetime')).toBe(end)
  })
})

describe('a suggestion', { timeout: 60_000 }, () => {
  const template: PreviewReply['templates'][number] = {
    name: 'free-disk-space',
    version: 1,
    title: 'Free disk space',
    description: 'Deletes what nobody needs.',
    decision: {
      template: 'free-disk-space',
      version: 1,
      fits: true,
      summary: 'It fits.',
      rules: [],
      checks: [],
    },
    parameters: [],
    suggestion: 'It is meant for incidents of the type disk.',
  }

  it('is marked as one, with its reason and the words it stands on', async () => {
    await using server = await servePage(() => ({
      status: 200,
      result: {
        ticket: {
          table: 'incident',
          sys_id: '1'.repeat(32),
          number: 'INC0010001',
          short_description: 'Disk full',
          state_label: 'New',
          over: false,
        },
        templates: [template, { ...template, name: 'b', title: 'Another', suggestion: undefined }],
        classification: {
          label: 'Disk space',
          source: 'keywords',
          confidence: 1,
          words: ['disk', hostile],
          reason: 'It says disk.',
        },
        runs: [],
      },
    }))
    await using browser = await openBrowser()
    const { page } = browser

    await page.goto(server.url)
    await page.getByText('It is meant for incidents of the type disk.').waitFor()

    expect(await page.getByText('Suggested', { exact: true }).count()).toBe(1)
    const line = page.getByText('Looks like: Disk space')
    expect(await line.textContent()).toBe(`Looks like: Disk space (words: disk, ${hostile})`)
    expect(await page.locator('img').count()).toBe(0)
    expect(await violations(page)).toEqual([])
  })
})
