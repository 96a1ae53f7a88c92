// The sample jobs that work on files, run for real by the built-in runner.
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

import { afterAll, beforeEach, describe, expect, it } from 'vitest'

import { soon } from '../platforms/launch.ts'
import { until } from '../support/until.ts'
import { createSampleJobs } from './sample-jobs.ts'

const jobs = createSampleJobs()
const { dir } = jobs
afterAll(() => jobs.close())

const area = join(dir, 'area')

/** A file that was last written that many days ago. */
function oldFile(path: string, days: number, bytes = 1000): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, 'x'.repeat(bytes))
  const then = new Date(Date.now() - days * 86_400_000)
  utimesSync(path, then, then)
}

it('every job can be launched, and the modules they share cannot', async () => {
  const names = readdirSync(fileURLToPath(new URL('jobs', import.meta.url)))
  const problems = await Promise.all(
    names.map((job) => jobs.driver.check({ job, parameters: [] }, soon())),
  )

  const launchable = names.filter((_, index) => problems[index]?.length === 0)
  expect(launchable.toSorted()).toEqual([
    'check-farm.mjs',
    'collect-diagnostics.mjs',
    'free-disk-space.mjs',
    'new-shared-folder.mjs',
    'patch-server.mjs',
    'restart-service.mjs',
    'restore-server.mjs',
    'rotate-log.mjs',
  ])
})

describe('free-disk-space', () => {
  beforeEach(() => {
    rmSync(area, { recursive: true, force: true })
    jobs.settings({
      areas: { 'app-logs': { path: area }, disk: { path: '/' }, relative: { path: 'area' } },
    })
    oldFile(join(area, 'old.log'), 10, 250_000)
    oldFile(join(area, 'deep', 'er', 'old.TMP'), 10, 3000)
    oldFile(join(area, 'new.log'), 1)
    oldFile(join(area, 'data.db'), 400)
    oldFile(join(dir, 'outside', 'old.log'), 400)
    symlinkSync(join(dir, 'outside'), join(area, 'link'))
    symlinkSync(join(dir, 'outside', 'old.log'), join(area, 'link.log'))
  })

  it('deletes old logs and temporary files below the area, and nothing else', async () => {
    const { status, text } = await jobs.run('free-disk-space.mjs', {
      area: 'app-logs',
      older_than_days: 7,
    })

    expect(status).toMatchObject({
      state: 'succeeded',
      progress: 100,
      message: `Freed 253 KB: 2 files older than 7 days in ${area}.`,
    })
    expect(text).toBe(`    250 KB  old.log\n    3.0 KB  deep/er/old.TMP\n${status.message}\n`)
    expect(readdirSync(area).toSorted()).toEqual(['data.db', 'deep', 'link', 'link.log', 'new.log'])
    expect(readdirSync(join(area, 'deep', 'er'))).toEqual([])
    expect(existsSync(join(dir, 'outside', 'old.log'))).toBe(true)
  })

  it('only shows what it would delete when asked to', async () => {
    const parameters = { area: 'app-logs', older_than_days: 7, dry_run: true }

    const { status } = await jobs.run('free-disk-space.mjs', parameters)

    expect(status.message).toMatch(/^Would free 253 KB: 2 files/)
    expect(existsSync(join(area, 'old.log'))).toBe(true)
  })

  it('says so when there is nothing to free', async () => {
    const { status } = await jobs.run('free-disk-space.mjs', {
      area: 'app-logs',
      older_than_days: 300,
    })

    expect(status).toMatchObject({
      state: 'succeeded',
      message: `Nothing to free: 0 files older than 300 days in ${area}.`,
    })
  })

  it.each([
    [{ area: '../outside', older_than_days: 7 }, /there is no area "\.\.\/outside" here/],
    [{ area: 'constructor', older_than_days: 7 }, /there is no area/],
    [{ area: 'app-logs', older_than_days: 0 }, /whole number from 1/],
    [{ area: 'app-logs', older_than_days: 'soon' }, /whole number/],
    [{ area: 'disk', older_than_days: 7 }, /a whole disk is never cleaned/],
    [{ area: 'relative', older_than_days: 7 }, /no absolute path/],
  ])('refuses %j and deletes nothing', async (parameters, reason) => {
    const { status } = await jobs.run('free-disk-space.mjs', parameters)

    expect(status).toMatchObject({ state: 'failed', exitCode: 2 })
    expect(status.message).toMatch(reason)
    expect(existsSync(join(area, 'old.log'))).toBe(true)
  })
})

describe('rotate-log', () => {
  const log = join(dir, 'logs', 'shop.log')

  beforeEach(() => {
    rmSync(join(dir, 'logs'), { recursive: true, force: true })
    mkdirSync(join(dir, 'logs'))
    jobs.settings({ logs: { shop: { path: log }, link: { path: join(dir, 'logs', 'link.log') } } })
  })

  it('packs the log, keeps the wanted number and empties it in place', async () => {
    for (const round of [1, 2, 3, 4]) {
      appendFileSync(log, `round ${round}\n`.repeat(5000))
      const { status } = await jobs.run('rotate-log.mjs', { log: 'shop', keep: 2 })
      expect(status).toMatchObject({
        state: 'succeeded',
        message: expect.stringContaining('rotated'),
      })
    }

    expect(readdirSync(join(dir, 'logs')).toSorted()).toEqual([
      'shop.log',
      'shop.log.1.gz',
      'shop.log.2.gz',
    ])
    expect(readFileSync(log, 'utf8')).toBe('')
    expect(gunzipSync(readFileSync(`${log}.1.gz`)).toString()).toBe('round 4\n'.repeat(5000))
    expect(gunzipSync(readFileSync(`${log}.2.gz`)).toString()).toBe('round 3\n'.repeat(5000))
  })

  it('keeps what is written while it packs', async () => {
    const before = randomBytes(12_000_000)
    writeFileSync(log, before)

    const rotation = jobs.run('rotate-log.mjs', { log: 'shop', keep: 1 })
    await until('the packing to begin', () => existsSync(`${log}.packing`))
    appendFileSync(log, 'meanwhile\n')
    const { text } = await rotation

    expect(text).toContain('10 bytes were written meanwhile')
    expect(readFileSync(log, 'utf8')).toBe('meanwhile\n')
    expect(gunzipSync(readFileSync(`${log}.1.gz`)).equals(before)).toBe(true)
  })

  it('leaves an empty log and its packed ones alone', async () => {
    writeFileSync(log, '')
    writeFileSync(`${log}.1.gz`, 'kept')

    const { status } = await jobs.run('rotate-log.mjs', { log: 'shop', keep: 1 })

    expect(status.message).toContain('nothing to rotate')
    expect(readFileSync(`${log}.1.gz`, 'utf8')).toBe('kept')
  })

  it.each([
    [{ log: 'shop', keep: 5 }, /does not exist/],
    [{ log: 'link', keep: 5 }, /not a regular file/],
    [{ log: '/etc/passwd', keep: 5 }, /there is no log/],
    [{ log: 'shop', keep: 0 }, /whole number from 1 to 100/],
  ])('refuses %j', async (parameters, reason) => {
    symlinkSync('/etc/passwd', join(dir, 'logs', 'link.log'))

    const { status } = await jobs.run('rotate-log.mjs', parameters)

    expect(status).toMatchObject({ state: 'failed', exitCode: 2 })
    expect(status.message).toMatch(reason)
  })
})

it('says what is missing when an admin has not set the jobs up', async () => {
  rmSync(join(jobs.dir, 'jobs', 'settings.json'), { force: true })

  const { status } = await jobs.run('free-disk-space.mjs', { area: 'app-logs', older_than_days: 7 })

  expect(status.message).toContain('settings.json beside the jobs cannot be read')
})
