// The sample jobs of the web farm and of shared folders, run for real by the built-in runner.
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeEach, describe, expect, it } from 'vitest'

import { createSampleJobs } from './sample-jobs.ts'

const jobs = createSampleJobs()
const { dir } = jobs
afterAll(() => jobs.close())

const farm = join(dir, 'farm')
const shares = join(dir, 'shares')

beforeEach(() => {
  for (const path of [farm, shares]) rmSync(path, { recursive: true, force: true })
  mkdirSync(shares)
  const folders = ['web-01', 'web-02'].map((name) => [name, join(farm, name)] as const)
  for (const [, folder] of folders) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'installed.json'), '{"level":"1"}')
  }
  jobs.settings({
    farm: {
      servers: Object.fromEntries(folders),
      levels: { '2': {}, '3': {} },
      broken: { '3': ['web-02'] },
    },
    shares: { path: shares },
  })
})

function levelOf(name: string): string {
  return JSON.parse(readFileSync(join(farm, name, 'installed.json'), 'utf8')).level
}

describe('the web farm', () => {
  const servers = 'web-01, web-02'

  it('is patched, checked and brought back, each as often as anybody likes', async () => {
    for (const again of [1, 2]) {
      const { status } = await jobs.run('patch-server.mjs', { servers, level: '2' })
      expect(status, String(again)).toMatchObject({
        state: 'succeeded',
        message: '2 servers patched to 2.',
      })
    }
    expect([levelOf('web-01'), levelOf('web-02')]).toEqual(['2', '2'])
    const checked = await jobs.run('check-farm.mjs', { servers, level: '2' })
    expect(checked.status).toMatchObject({
      state: 'succeeded',
      message: 'All of 2 servers answer.',
    })
    for (const again of [1, 2]) {
      const { status } = await jobs.run('restore-server.mjs', { servers, level: '2' })
      expect(status.state, String(again)).toBe('succeeded')
    }
    expect([levelOf('web-01'), levelOf('web-02')]).toEqual(['1', '1'])
  })

  it('fails its check when a server does not answer with what is installed', async () => {
    await jobs.run('patch-server.mjs', { servers, level: '3' })

    const { status, text } = await jobs.run('check-farm.mjs', { servers })

    expect(status).toMatchObject({ state: 'failed', exitCode: 1 })
    expect(text).toContain('web-01  level 3  answers')
    expect(text).toContain('It did not work: web-02 does not answer with patch level 3.')
  })

  it.each([
    [
      'a server nobody set up',
      { servers: 'web-01, ../web-02', level: '2' },
      /no server "\.\.\/web-02"/,
    ],
    ['a level nobody set up', { servers: 'web-01', level: '9' }, /no patch level "9"/],
    ['no server', { servers: ' , ', level: '2' }, /no server is named/],
  ])('is left alone for %s', async (_, parameters, reason) => {
    const { status, text } = await jobs.run('patch-server.mjs', parameters)

    expect(status).toMatchObject({ state: 'failed', exitCode: 2 })
    expect(text).toMatch(reason)
    expect([levelOf('web-01'), levelOf('web-02')]).toEqual(['1', '1'])
  })
})

describe('a shared folder', () => {
  const order = { name: 'team-sales', size_gb: 20, owner: 'carla.caller' }

  it('is made once, and tells whose it is', async () => {
    const made = await jobs.run('new-shared-folder.mjs', order)
    const again = await jobs.run('new-shared-folder.mjs', { ...order, owner: 'victor.vip' })

    expect(made.status).toMatchObject({
      state: 'succeeded',
      message: 'The folder team-sales (20 GB) is ready for carla.caller.',
    })
    expect(again.text).toContain('a folder of that name exists already')
    const about = readFileSync(join(realpathSync(shares), 'team-sales', 'about.json'), 'utf8')
    expect(JSON.parse(about)).toMatchObject({ owner: 'carla.caller', gigabytes: 20 })
  })

  it.each([['../out'], ['/tmp/out'], ['a/b'], ['.'], ['Team Sales!'], ['']])(
    'is not made with the name %j',
    async (name) => {
      const { status } = await jobs.run('new-shared-folder.mjs', { ...order, name })

      expect(status).toMatchObject({ state: 'failed', exitCode: 2 })
      expect(readdirSync(shares)).toEqual([])
      expect(existsSync(join(dir, 'out'))).toBe(false)
    },
  )
})
