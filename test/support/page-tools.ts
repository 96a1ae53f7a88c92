// What tests of pages do besides clicking: sign in, keep a picture, ask axe, and go through a page by keyboard.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'

import type { Ticket } from './agent.ts'

const pictures = join(import.meta.dirname, '../../.artefacts')

/** Presses of Tab after which a page is too long to go through by hand. */
const maxPresses = 60

/** Signs in on the page where people pick who they are. */
export async function signInOn(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url)
  await page.getByRole('button', { name: new RegExp(name) }).click()
  await page.getByRole('heading', { name: `Hello, ${name}` }).waitFor()
}

/** Keeps a picture of the whole page in .artefacts. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
}

/** The ticket whose form the page shows. */
export async function ticketOn(page: Page): Promise<Ticket> {
  const record = page.locator('#record')
  const sysId = (await record.getAttribute('data-sys-id')) ?? ''
  const table = (await record.getAttribute('data-table')) ?? ''
  const title = (await page.getByRole('heading', { level: 1 }).textContent()) ?? ''
  return { table, sysId, number: /[A-Z]+\d{7}/.exec(title)?.[0] ?? '' }
}

/** Where the form of a ticket is. */
export function formOf(url: string, { table, sysId }: Ticket): string {
  return `${url}/${table ?? 'incident'}.do?sys_id=${sysId}`
}

/** Saves the form, new or not. */
export async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(Save|Submit)$/ }).click()
  await page.waitForLoadState()
}

/** What axe finds wrong with the page, one line per rule. */
export async function violationsOn(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/** What the focus is on, as a person would name it. */
export async function focused(page: Page): Promise<string> {
  const label = `(() => {
    const at = document.activeElement
    const label = at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent ?? at.textContent
    return (label ?? '').trim()
  })()`
  return String(await page.evaluate(label))
}

/** Presses Tab until the focus is there; fails when that takes too long. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < maxPresses; presses++) {
    if ((await focused(page)) === name) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not reach "${name}"; the focus is on "${await focused(page)}"`)
}
