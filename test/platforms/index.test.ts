import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

import { createDriver, driverTypes } from '../../connector/platforms/index.ts'

const folder = fileURLToPath(new URL('../../connector/platforms/', import.meta.url))
const deps = { dataDir: '/nowhere/data', baseDir: '/nowhere', environment: {} }

/** What drivers share. */
const shared = [
  'batch',
  'breaker',
  'clock-fact',
  'driver',
  'guarded-call',
  'http',
  'index',
  'or-null',
  'progress-memory',
  'rate',
  'settings',
  'whole-log',
]

it('lists exactly the drivers of the folder', () => {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name.replace(/\.ts$/, ''))
    .filter((name) => !shared.includes(name))
    // http.ts is what all drivers over HTTP share.
    .map((name) => (name === 'generic-http' ? 'http' : name))

  expect([...driverTypes.keys()].toSorted()).toEqual(files.toSorted())
})

it('makes the driver that the type names', async () => {
  const driver = createDriver({ type: 'local', jobs_dir: 'jobs' }, deps)

  expect(driver.type).toBe('local')
  await driver.close()
})

it('refuses a type it does not know and names those it knows', () => {
  expect(() => createDriver({ type: 'cobol' }, deps)).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      message: expect.stringMatching(/^type cobol: no such driver \(known: .*\blocal\b/),
    }),
  )
})

it('refuses options that the driver does not have', () => {
  expect(() => createDriver({ type: 'local', jobs_dir: 'jobs', jobz: 1 }, deps)).toThrow(/jobz/)
})
