// The built ServiceNow app for tests: built when its sources are newer than what is there, once however
// many test files ask at the same time.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, realpath, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { oneAtATime } from './one-at-a-time.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const app = join(root, 'now-app')
const built = join(app, 'dist', 'app')

/** A build takes about 15 s alone; a busy machine needs several times that. */
const buildLimitMs = 240_000

/** Where what was built lies: `dist/app` of now-app. Rejects with the build's output when it fails. */
export async function ensureAppBuilt(): Promise<string> {
  if (await isUpToDate()) return built
  return await oneAtATime(lockFolder(), buildLimitMs, async () => {
    // Somebody else may have built it while this one waited.
    if (!(await isUpToDate())) await build()
    return built
  })
}

async function build(): Promise<void> {
  const command = await realpath(join(root, 'node_modules', '.bin', 'now-sdk'))
  try {
    await promisify(execFile)(process.execPath, [command, 'build', '--frozenKeys'], {
      cwd: app,
      // Telemetry off; the output is the same.
      env: { ...process.env, NODE_ENV: 'test', NO_COLOR: '1' },
      timeout: buildLimitMs,
    })
  } catch (error) {
    // A failed build leaves files with fresh random ids behind.
    await rm(join(app, 'dist'), { recursive: true, force: true })
    const output = (error as { stdout?: string }).stdout ?? ''
    throw new Error(`the app does not build:\n${output}`, { cause: error })
  }
}

async function isUpToDate(): Promise<boolean> {
  const done = await newest([join(built, 'scope')])
  if (done === 0) return false
  const sources = ['src', 'package.json', 'now.config.json', 'tsconfig.json']
  const source = await newest([...sources.map((name) => join(app, name)), join(root, 'shared')])
  return source <= done
}

/**
 * Time (ms) of the latest change of any file below the paths; 0 when there is none. `generated` is left
 * out because a build writes there.
 */
async function newest(paths: readonly string[]): Promise<number> {
  let latest = 0
  for (const path of paths) {
    const found = await stat(path).catch(() => null)
    if (!found) continue
    const time = found.isDirectory()
      ? await newest((await sourcesIn(path)).map((name) => join(path, name)))
      : found.mtimeMs
    latest = Math.max(latest, time)
  }
  return latest
}

async function sourcesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== 'generated')
}

function lockFolder(): string {
  const name = createHash('sha256').update(app).digest('hex').slice(0, 16)
  return join(tmpdir(), `ticket-automation-build-${name}`)
}
