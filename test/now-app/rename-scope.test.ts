// A company's own scope: the renamed copy builds with the same frozen keys and nothing keeps the old name.
import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = join(import.meta.dirname, '../..')
let copy: string

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'ticket-automation-scope-'))
  const built = /(^|\/)(dist|target|\.now|node_modules)(\/|$)/
  for (const name of [
    'now-app',
    'shared',
    'connector',
    'test',
    'README.md',
    'package.json',
    'tsconfig.json',
  ]) {
    await cp(join(root, name), join(copy, name), {
      recursive: true,
      filter: (path) => !built.test(path.slice(root.length)),
    })
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))
})

afterAll(async () => {
  await rm(copy, { recursive: true, force: true })
})

function renameTo(scope: string): Promise<{ stdout: string }> {
  return run(process.execPath, [join(copy, 'now-app/rename-scope.ts'), scope])
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

test.each(['acme', 'X_ACME', 'x_acme tickets', 'x_a_name_that_is_too_long'])(
  'refuses the scope %s and changes nothing',
  async (scope) => {
    await expect(renameTo(scope)).rejects.toMatchObject({ code: 2 })
    expect(await readFile(join(copy, 'shared/vocabulary.ts'), 'utf8')).toContain(
      'x_snc_ticket_auto',
    )
  },
)

test(
  'a renamed app builds with its keys frozen and keeps no old name',
  { timeout: 120_000 },
  async () => {
    const { stdout } = await renameTo('x_acme_tickets')
    await run('npm', ['run', 'build'], { cwd: join(copy, 'now-app') })

    const built = await filesBelow(join(copy, 'now-app/dist/app'))
    const texts = await Promise.all(built.map((path) => readFile(path, 'utf8')))
    expect(stdout).toContain('x_snc_ticket_auto is x_acme_tickets now')
    expect(texts.length).toBeGreaterThan(100)
    expect(texts.filter((text) => text.includes('x_snc_ticket_auto'))).toEqual([])
    expect(
      texts.some((text) => text.includes('/api/x_acme_tickets/v1/automation/status-updates')),
    ).toBe(true)
  },
)
