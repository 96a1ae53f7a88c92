import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

import { createDriver, driverTypes } from '../../connector/platforms/index.ts'

const folder = fileURLToPath(new URL('../../connector/platforms/', import.meta.url))
const deps = { dataDir: '/nowhere/data', baseDir: '/nowhere', environment: {} }

it('lists exactly the drivers of the folder', () => {
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !['driver.ts', 'index.ts'].includes(entry.name))
    .map(({ name }) => name.replace(/\.ts$/, ''))

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
      message: 'type cobol: no such driver (known: local)',
    }),
  )
})

it('refuses options that the driver does not have', () => {
  expect(() => createDriver({ type: 'local', jobs_dir: 'jobs', jobz: 1 }, deps)).toThrow(/jobz/)
})
