import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { createPool } from '../../connector/db/pool.ts'
import type { Pool } from '../../connector/db/pool.ts'
import { publishTemplates } from '../../connector/db/templates.ts'
import { createLog } from '../../connector/log.ts'
import { createTemplateRegistry } from '../../connector/templates/registry.ts'
import type { RegistryOptions, TemplateRegistry } from '../../connector/templates/registry.ts'
import { TemplateList } from '../../shared/job-template.ts'
import { createTestDatabase } from '../support/postgres.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { sampleYaml, yamlNamed } from './sample.ts'

let database: TestDatabase
let pool: Pool
let parent: string
let dir: string
let lines: string[]
let open: TemplateRegistry[]

beforeEach(async () => {
  database = await createTestDatabase()
  pool = createPool(database.connectionString)
  parent = await mkdtemp(join(tmpdir(), 'registry-'))
  dir = join(parent, 'templates')
  await mkdir(dir)
  lines = []
  open = []
})

afterEach(async () => {
  for (const registry of open) registry.close()
  await pool.end()
  await database.drop()
  await rm(parent, { recursive: true })
})

async function start(options: Partial<RegistryOptions> = {}): Promise<TemplateRegistry> {
  const log = createLog('info', { write: (line: string) => void lines.push(line) })
  const platforms = new Set(['local'])
  const registry = await createTemplateRegistry({ dir, pool, log, platforms, ...options })
  open.push(registry)
  return registry
}

async function put(file: string, text: string): Promise<void> {
  await writeFile(join(dir, file), text)
}

function withTitle(title: string): string {
  return sampleYaml.replace('title: Free disk space', `title: ${title}`)
}

function versions(registry: TemplateRegistry): Record<string, number> {
  return Object.fromEntries(registry.current().map((entry) => [entry.template.name, entry.version]))
}

describe('versions', () => {
  test('count up with each new content and stay for the same content', async () => {
    await put('a.yaml', sampleYaml)
    const registry = await start()
    const seen = [registry.find('free-disk-space')?.version]

    for (const title of ['Second', 'Third', 'Free disk space', 'Second', 'Third', 'Fourth']) {
      await put('a.yaml', withTitle(title))
      await registry.reload()
      seen.push(registry.find('free-disk-space')?.version)
    }

    expect(seen).toEqual([1, 2, 3, 1, 2, 3, 4])
  })

  test('are audited when they are new, and when a template is taken away', async () => {
    await put('a.yaml', sampleYaml)
    const registry = await start()
    await registry.reload()
    await put('a.yaml', withTitle('Second'))
    await registry.reload()
    await rm(join(dir, 'a.yaml'))
    await registry.reload()

    const { rows } = await pool.query<{ action: string; detail: { version: number } }>(
      `select action, detail from audit_entry where subject = 'template/free-disk-space' order by id`,
    )
    expect(rows.map(({ action, detail }) => [action, detail.version])).toEqual([
      ['template.published', 1],
      ['template.published', 2],
      ['template.withdrawn', 2],
    ])
  })

  test('are kept for runs that were planned with them', async () => {
    await put('a.yaml', sampleYaml)
    const registry = await start()
    const first = registry.find('free-disk-space')
    await put('a.yaml', withTitle('Second').replace('max: 365', 'max: 10'))
    await registry.reload()
    await rm(join(dir, 'a.yaml'))
    await registry.reload()

    expect(registry.find('free-disk-space')).toBeNull()
    expect(await registry.version('free-disk-space', 1)).toEqual(first)
    expect((await registry.version('free-disk-space', 2))?.template.title).toBe('Second')
    expect(await registry.version('free-disk-space', 3)).toBeNull()
    expect(await registry.version('nothing', 1)).toBeNull()

    const restarted = await start()
    expect(await restarted.version('free-disk-space', 1)).toEqual(first)
  })

  test('are the same for connectors that publish at the same moment', async () => {
    const contents = Array.from({ length: 20 }, (_, index) => ({
      name: 'shared',
      digest: String(index),
      content: { index },
    }))

    const published = await Promise.all(
      Array.from({ length: 8 }, (_, shift) =>
        publishTemplates(pool, [...contents.slice(shift), ...contents.slice(0, shift)]),
      ),
    )

    const numbers = published.map((rows) => new Map(rows.map((row) => [row.digest, row.version])))
    for (const other of numbers) expect(other).toEqual(numbers[0])
    expect([...(numbers[0]?.values() ?? [])].toSorted((a, b) => a - b)).toEqual(
      contents.map((_, index) => index + 1),
    )
  })

  test('cannot be overwritten through publishing', async () => {
    const [first] = await publishTemplates(pool, [{ name: 'a', digest: 'd', content: { x: 1 } }])
    const [again] = await publishTemplates(pool, [{ name: 'a', digest: 'd', content: { x: 2 } }])

    const { rows } = await pool.query('select version, content from template_version')

    expect(again).toEqual(first)
    expect(rows).toEqual([{ version: 1, content: { x: 1 } }])
  })
})

describe('the folder', () => {
  test('is read again when files are written, renamed over, added and removed', async () => {
    await put('a.yaml', sampleYaml)
    const registry = await start()

    await put('a.yaml', withTitle('Written'))
    await until('the written file', () => versions(registry)['free-disk-space'] === 2)
    await writeFile(join(parent, 'a.yaml.tmp'), withTitle('Renamed'))
    await rename(join(parent, 'a.yaml.tmp'), join(dir, 'a.yaml'))
    await until('the renamed file', () => versions(registry)['free-disk-space'] === 3)
    await put('b.yaml', yamlNamed('added'))
    await until('the added file', () => registry.find('added')?.version === 1)
    await rm(join(dir, 'a.yaml'))
    await until('the removed file', () => registry.find('free-disk-space') === null)

    expect(versions(registry)).toEqual({ added: 1 })
    expect(lines.some((line) => line.includes('template no longer published'))).toBe(true)
  })

  test('is found again after another one took its name', async () => {
    await put('a.yaml', sampleYaml)
    const registry = await start({ rescanMs: 50 })
    await rename(dir, join(parent, 'old'))
    await mkdir(dir)
    await put('b.yaml', yamlNamed('replaced'))
    await until('the new folder', () => registry.find('replaced') !== null)

    await put('c.yaml', yamlNamed('later'))

    await until('a change in the new folder', () => registry.find('later') !== null)
    expect(versions(registry)).toEqual({ replaced: 1, later: 1 })
  })

  test('keeps the set while it cannot be read', async () => {
    await put('a.yaml', sampleYaml)
    const registry = await start()
    await rename(dir, join(parent, 'away'))

    await expect(registry.reload()).rejects.toMatchObject({ code: 'template_invalid' })

    expect(versions(registry)).toEqual({ 'free-disk-space': 1 })
    await rename(join(parent, 'away'), dir)
    await put('b.yaml', yamlNamed('added'))
    await until('the retry', () => registry.find('added') !== null)
  })

  test('with a broken file publishes the others and says what is wrong', async () => {
    await put('a.yaml', sampleYaml)
    await put('b.yaml', yamlNamed('other'))
    const registry = await start()

    await put('a.yaml', 'name: [')
    await until('the problem', () => registry.problems().length > 0)

    expect(versions(registry)).toEqual({ other: 1 })
    expect(registry.problems()[0]).toMatchObject({ file: 'a.yaml', line: 1 })
    expect(lines.some((line) => line.includes('template file not used'))).toBe(true)
    await put('a.yaml', sampleYaml)
    await until('the corrected file', () => versions(registry)['free-disk-space'] === 1)
    expect(registry.problems()).toEqual([])
  })

  test('must be readable at the start', async () => {
    await expect(start({ dir: join(parent, 'missing') })).rejects.toMatchObject({
      code: 'template_invalid',
    })
  })
})

describe('reload', () => {
  test('called many times at once ends with the newest content', async () => {
    await put('a.yaml', sampleYaml)
    const registry = await start()
    let changes = 0
    registry.onChange(() => changes++)

    const reloads = [registry.reload()]
    await put('a.yaml', withTitle('Newest'))
    for (let i = 0; i < 20; i++) reloads.push(registry.reload())
    await Promise.all(reloads)

    expect(registry.find('free-disk-space')?.template.title).toBe('Newest')
    expect(changes).toBe(1)
  })

  test('keeps the old set while the database is away, then catches up', async () => {
    await put('a.yaml', sampleYaml)
    let away = false
    // The pool as the registry sees it: it cannot connect while the database is away.
    const shaky: Pool = new Proxy(pool, {
      get(target, name) {
        if (name === 'connect' && away) {
          return () => Promise.reject(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }))
        }
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    const registry = await start({ pool: shaky })
    away = true
    await put('a.yaml', withTitle('Second'))

    await expect(registry.reload()).rejects.toMatchObject({ code: 'database_unavailable' })
    expect(versions(registry)).toEqual({ 'free-disk-space': 1 })
    await until('a logged retry', () => lines.some((line) => line.includes('not reloaded')))
    away = false

    await until('the retry', () => versions(registry)['free-disk-space'] === 2)
  })

  test('survives sessions that the server ends', async () => {
    await put('a.yaml', sampleYaml)
    const registry = await start()
    await database.disconnectAll()

    await put('a.yaml', withTitle('Second'))

    await until('the new version', () => versions(registry)['free-disk-space'] === 2)
  })

  test('calls listeners on a change only, until they leave', async () => {
    await put('a.yaml', sampleYaml)
    const registry = await start()
    const seen: string[] = []
    const leave = registry.onChange(() => seen.push('left'))
    registry.onChange(() => {
      throw new Error('listener broke')
    })
    registry.onChange(() => seen.push('stays'))

    await registry.reload()
    expect(seen).toEqual([])
    await put('a.yaml', withTitle('Second'))
    await registry.reload()
    leave()
    await put('a.yaml', withTitle('Third'))
    await registry.reload()

    expect(seen).toEqual(['left', 'stays', 'stays'])
    expect(lines.some((line) => line.includes('listener broke'))).toBe(true)
  })
})

describe('a template whose platform is missing', () => {
  test.each([
    ['a pre-check', 'pre_checks', 'platform: awx'],
    ['a step', 'steps', 'platform: awx'],
    ['a rollback', 'steps', 'rollback: {job: undo, platform: awx}'],
    ['a post-check', 'post_checks', 'platform: awx'],
  ])('for %s says so, instead of stopping in the middle of its plan', async (_title, list, key) => {
    const job = list === 'steps' ? '' : 'job: free-disk-space.sh\n'
    const plan = `${job}${list}:\n  - name: One\n    job: one\n    ${key}\n`
    await put('a.yaml', sampleYaml.replace('job: free-disk-space.sh\n', plan))

    const registry = await start()

    expect(registry.find('free-disk-space')?.problem).toBe(
      'The platform "awx" is not in connector.yaml (known: local).',
    )
  })
})

describe('list', () => {
  test('gives what the contract says, with problems', async () => {
    const second = `  - table: incident\n    when: active=true\n    trigger: [updated]\n  - table: problem\n    when: active=true\n    trigger: [manual]\nparameters:`
    await put('a.yaml', sampleYaml.replace('parameters:', second))
    await put('b.yaml', yamlNamed('elsewhere').replace('platform: local', 'platform: awx'))
    await put('c.yaml', yamlNamed('no-rule').replace('category=disk^active=true', 'category~disk'))

    const registry = await start()

    const { templates } = TemplateList.parse(registry.list())
    expect(templates.map(({ name, problem }) => [name, problem])).toEqual([
      ['elsewhere', 'The platform "awx" is not in connector.yaml (known: local).'],
      ['free-disk-space', undefined],
      ['no-rule', expect.stringMatching(/No match rule .* can be used: INVALID/)],
    ])
    expect(templates[1]).toMatchObject({
      version: 1,
      tables: ['incident', 'problem'],
      parameters: [{ name: 'path' }, { name: 'days' }],
    })
    expect(registry.find('elsewhere')?.problem).toMatch(/awx/)
    expect(registry.find('free-disk-space')?.problem).toBeNull()
  })
})
