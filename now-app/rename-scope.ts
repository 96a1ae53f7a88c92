// Renames the app's scope everywhere: `npm run scope -- x_acme_tickets`, once, before the first install. Fluent
// wants literal names, so a company with a vendor prefix of its own cannot just set one.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const root = join(import.meta.dirname, '..')
const places = ['now-app', 'shared', 'connector', 'test', 'README.md']
const skipped = new Set(['node_modules', 'dist', 'target', '.now'])

/** now-sdk: x_ or sn_, lower case letters, digits and _, 4 to 18 characters. */
const scopePattern = /^(x|sn)_[a-z0-9_]{2,15}$/

const { positionals } = parseArgs({ allowPositionals: true })
const [wanted] = positionals
const config = join(root, 'now-app/now.config.json')
const current = String(JSON.parse(await readFile(config, 'utf8')).scope)

if (wanted === undefined || !scopePattern.test(wanted) || wanted.length > 18) {
  process.stderr.write(
    `usage: npm run scope -- x_acme_tickets\nThe scope must be x_<vendor>_<name>, lower case, at most 18 characters. It is ${current} now.\n`,
  )
  process.exit(2)
}

let changed = 0
for (const place of places) changed += await rename(join(root, place), current, wanted)
process.stdout.write(`${current} is ${wanted} now in ${changed} files. Next: npm run build:app\n`)

async function rename(path: string, from: string, to: string): Promise<number> {
  if (!/\.[a-z]+$/i.test(path)) return await renameFolder(path, from, to)
  const text = await readFile(path, 'utf8')
  if (!text.includes(from)) return 0
  await writeFile(path, text.replaceAll(from, to))
  return 1
}

async function renameFolder(path: string, from: string, to: string): Promise<number> {
  let count = 0
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (skipped.has(entry.name)) continue
    const inside = join(path, entry.name)
    if (entry.isDirectory()) count += await renameFolder(inside, from, to)
    else if (entry.isFile() && /\.(ts|json|html|css|mjs|md|yaml|js)$/.test(entry.name)) {
      count += await rename(inside, from, to)
    }
  }
  return count
}
