// `platforms check` and `platforms jobs` as commands of their own process.
import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'
import { z } from 'zod'

import { testEnv, testInstance, writeConfigFile } from '../support/config.ts'

const cli = resolve(import.meta.dirname, '../../connector/cli.ts')
const execFileAsync = promisify(execFile)
const Ended = z.object({ code: z.number().default(0), stdout: z.string(), stderr: z.string() })

const configFile = writeConfigFile({
  instances: [testInstance()],
  platforms: { local: { type: 'local', jobs_dir: mkdtempSync(join(tmpdir(), 'jobs-')) } },
})

async function run(...args: string[]): Promise<z.infer<typeof Ended>> {
  const env = { PATH: process.env['PATH'] ?? '', CONFIG_FILE: configFile, ...testEnv }
  try {
    return Ended.parse(await execFileAsync(process.execPath, [cli, ...args], { env }))
  } catch (error) {
    return Ended.parse(error)
  }
}

describe('the commands about platforms', () => {
  it('check says what each platform can do', async () => {
    const { code, stdout } = await run('platforms', 'check')

    expect(code).toBe(0)
    expect(stdout).toContain('local (local): find, cancel, progress, output')
    expect(JSON.parse((await run('platforms', 'check', 'local', '--json')).stdout)).toMatchObject({
      platforms: [{ name: 'local', type: 'local', facts: [] }],
    })
  })

  it('name what is wrong: no such platform, or one that cannot list its jobs', async () => {
    const unknown = await run('platforms', 'check', 'awx')
    const listing = await run('platforms', 'jobs', 'local')
    const from = await run('template', 'new', '--from', 'local')

    expect([unknown.code, listing.code, from.code]).toEqual([1, 1, 1])
    expect(unknown.stderr).toContain('no platform awx in connector.yaml (there are local)')
    expect(listing.stderr).toContain('the platform local cannot list its jobs')
    expect(from.stderr).toContain('--from must be <platform>/<job>')
  })
})
