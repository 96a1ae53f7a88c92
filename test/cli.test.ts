import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import { sampleYaml, yamlNamed } from './templates/sample.ts'

const cli = resolve(import.meta.dirname, '../connector/cli.ts')
const execFileAsync = promisify(execFile)

let dir: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'cli-'))
})

afterEach(async () => {
  await rm(dir, { recursive: true })
})

interface Ended {
  code: number
  stdout: string
  stderr: string
}

const Failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() })

/** Runs the command line in the folder; neither a database nor a connector.yaml is there. */
async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  try {
    const options = { cwd: dir, env: { PATH: process.env['PATH'], ...env } }
    return { code: 0, ...(await execFileAsync(process.execPath, [cli, ...args], options)) }
  } catch (error) {
    return Failed.parse(error)
  }
}

describe('rules check', () => {
  test('lists every rule and exits 0 when all is well', async () => {
    await writeFile(join(dir, 'a.yaml'), sampleYaml)

    const { code, stdout } = await run(['rules', 'check', dir])

    expect(stdout).toContain(
      'free-disk-space  incident  manual, created  category=disk^active=true  ok',
    )
    expect(stdout).toContain('1 template, 1 rule, no problems')
    expect(code).toBe(0)
  })

  test('names file, line, reason and next step of every problem and exits 1', async () => {
    await writeFile(join(dir, 'a.yaml'), yamlNamed('good'))
    await writeFile(
      join(dir, 'b.yaml'),
      yamlNamed('rule').replace('category=disk', 'category~disk'),
    )
    await writeFile(join(dir, 'c.yaml'), yamlNamed('key').replace('platform:', '"\\e[31m":'))
    await writeFile(join(dir, 'd.yaml'), yamlNamed('join').replace('category=disk', 'JOINa.b=c.d!'))

    const { code, stdout } = await run(['rules', 'check', dir])

    expect(code).toBe(1)
    expect(stdout).toMatch(/^good .* ok$/m)
    expect(stdout).toMatch(/^rule .* disabled$/m)
    expect(stdout).toContain(`${join(dir, 'b.yaml')}:8:5 match[0].when\n  INVALID: "category~disk"`)
    expect(stdout).toContain(`${join(dir, 'c.yaml')}:4:1`)
    expect(stdout).toContain('UNSUPPORTED: ')
    expect(stdout).toMatch(/→ Correct the query/)
    expect(stdout).toMatch(/3 templates, 3 rules, 4 problems/)
    expect(stdout).not.toContain('\u001B')
  })

  test('checks TEMPLATES_DIR, or templates, when no folder is named', async () => {
    await writeFile(join(dir, 'a.yaml'), sampleYaml)

    expect(await run(['rules', 'check'], { TEMPLATES_DIR: dir })).toMatchObject({ code: 0 })
    const missing = await run(['rules', 'check'])
    expect(missing.code).toBe(1)
    expect(missing.stderr).toMatch(/^error: template folder templates cannot be read/)
  })
})

describe('schema', () => {
  test('writes a file and says how to use it', async () => {
    const { code, stdout } = await run(['schema'])

    const path = join(dir, 'job-template.schema.json')
    expect(stdout).toContain(`# yaml-language-server: $schema=${path}`)
    expect(code).toBe(0)
    const schema: unknown = JSON.parse(await readFile(path, 'utf8'))
    expect(schema).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#' })
  })

  test('accepts what the loader accepts and refuses what it refuses', async () => {
    const { stdout } = await run(['schema', '--out', '-'])

    const schema = z.fromJSONSchema(JSON.parse(stdout))
    expect(schema.safeParse(parse(sampleYaml)).success).toBe(true)
    const wrong = sampleYaml.replace('type: integer', 'type: int')
    expect(schema.safeParse(parse(wrong)).success).toBe(false)
    expect(schema.safeParse({ ...parse(sampleYaml), extra: 1 }).success).toBe(false)
  })
})

test('an unknown command shows the help and exits 1', async () => {
  const { code, stderr } = await run(['rule'])

  expect(code).toBe(1)
  expect(stderr).toMatch(/unknown command 'rule'[^]*Usage:/)
})
