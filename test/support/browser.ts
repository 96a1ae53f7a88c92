// A real browser for tests: the Chromium that npm installs, headless, offline but for loopback, closed by its scope.
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import chromium from '@sparticuz/chromium'
import { chromium as playwright } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'

import { oneAtATime } from './one-at-a-time.ts'

/** Longest wait for an element or a navigation, in milliseconds. */
const patienceMs = 15_000

/** Longest wait for Chromium to be unpacked, in milliseconds; it takes about 3 s alone. */
const unpackLimitMs = 60_000

/** Keep the browser from calling home. */
const offlineFlags = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-domain-reliability',
]

/** An open browser with one page. `await using` closes it. */
export interface OpenBrowser extends AsyncDisposable {
  page: Page
  browser: Browser
  /** Errors of the page's scripts and refusals of its security policy, as they came. */
  problems: readonly string[]
  /** Another person: a page with cookies of its own. */
  anotherPage(): Promise<Page>
}

/** Opens the browser. Throws when Chromium cannot start. */
export async function openBrowser(options: { darkMode?: boolean } = {}): Promise<OpenBrowser> {
  const browser = await playwright.launch({
    args: offlineFlags,
    executablePath: await unpackedChromium(),
    // The package's Chromium is the headless shell.
    headless: true,
  })
  const problems: string[] = []

  async function anotherPage(): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1360, height: 860 },
      locale: 'en-GB',
      timezoneId: 'UTC',
      colorScheme: options.darkMode === true ? 'dark' : 'light',
    })
    context.setDefaultTimeout(patienceMs)
    const page = await context.newPage()
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (line) => {
      if (line.type() === 'error') problems.push(line.text())
    })
    return page
  }

  return {
    browser,
    page: await anotherPage(),
    problems,
    anotherPage,
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

/** The package unpacks its Chromium into the temporary folder, and takes a half-unpacked one for a whole one. */
async function unpackedChromium(): Promise<string> {
  const lock = join(tmpdir(), 'chromium-unpacking')
  return await oneAtATime(lock, unpackLimitMs, () => chromium.executablePath())
}
