// The files of the embedded PostgreSQL: the cluster folder, our settings in it, and the pid file of a
// server that may be running on it.
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, readlink, realpath, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, dirname, join } from 'node:path'

import { z } from 'zod'

import { messageOf } from '../errors.ts'
import { failed } from './engine-host.ts'
import type { Host } from './engine-host.ts'

/** Superuser of the cluster and name of our database. */
export const databaseName = 'ticket_automation'

/** What we must remember to reach the server. The file is 0600. */
const Access = z.strictObject({ password: z.string().min(1), port: z.int().min(1).max(65_535) })
export type Access = z.infer<typeof Access>

/** A server that says it runs on the cluster. */
export interface Postmaster {
  pid: number
  port: number
}

const accessFile = 'connector.json'
const settingsFile = 'connector.conf'

/** Settings that win over postgresql.conf, where an admin may tune the rest. */
function settings(port: number): string {
  return [
    "listen_addresses = '127.0.0.1'",
    `port = ${port}`,
    "unix_socket_directories = ''",
    'password_encryption = scram-sha-256',
    // An acknowledged event is on the disk.
    'fsync = on',
    'synchronous_commit = on',
    'full_page_writes = on',
    'max_connections = 200',
    // initdb guesses these by trial starts, which fail in some sandboxes and then leave it at 400 kB.
    'shared_buffers = 128MB',
    'wal_buffers = 4MB',
    // Fewer, later checkpoints: less of the log is full-page images.
    'max_wal_size = 1GB',
    'checkpoint_timeout = 15min',
    // Our statements are short; compiling them costs more than it saves.
    'jit = off',
    "log_line_prefix = '%m [%p] '",
    "lc_messages = 'C'",
    '',
  ].join('\n')
}

/**
 * Makes the cluster when there is none. Everything is prepared beside it and moved into place in one
 * step, so a crash leaves none or a whole one, and of two starters one wins.
 */
export async function ensureCluster(host: Host, cluster: string): Promise<void> {
  await removeDrafts(cluster)
  if (await readAccess(cluster)) return
  const draft = `${cluster}.new-${process.pid}-${randomBytes(4).toString('hex')}`
  const password = randomBytes(24).toString('hex')
  const passwordFile = `${draft}.password`
  try {
    await mkdir(draft, { mode: 0o700 })
    await host.own(draft)
    await writeDurably(host, passwordFile, `${password}\n`)
    await initialise(host, draft, passwordFile)
    await writeAccess(host, draft, { password, port: await freePort() })
    await rename(draft, cluster)
    await syncFolder(dirname(cluster))
  } catch (error) {
    // The other starter was faster; its cluster is as good.
    if (!(await readAccess(cluster))) throw error
  } finally {
    await rm(passwordFile, { force: true })
    await rm(draft, { recursive: true, force: true })
  }
}

async function initialise(host: Host, draft: string, passwordFile: string): Promise<void> {
  const made = await host.run(
    'initdb',
    [
      `--pgdata=${draft}`,
      `--username=${databaseName}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // Sorts the same on every machine, whatever locales it has.
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--set',
      `include_if_exists=${settingsFile}`,
    ],
    120_000,
  )
  if (!made.ok) throw failed(`initdb in ${draft}: ${made.output}`)
}

/** Folders that a crashed starter left. */
async function removeDrafts(cluster: string): Promise<void> {
  const folder = dirname(cluster)
  const pattern = new RegExp(`^${basename(cluster)}\\.new-(\\d+)-`)
  for (const name of await readdir(folder)) {
    const pid = pattern.exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** How to reach the server, or null when there is no cluster yet. */
export async function readAccess(cluster: string): Promise<Access | null> {
  const path = join(cluster, accessFile)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw failed(`cannot read ${path} (${messageOf(error)}); start as the user who owns it`, error)
  }
  try {
    return Access.parse(JSON.parse(text))
  } catch (error) {
    throw failed(`${path} is damaged; restore it from a backup of the folder`, error)
  }
}

/** Writes password and port, and the settings that follow from them. */
export async function writeAccess(host: Host, cluster: string, access: Access): Promise<void> {
  await writeDurably(host, join(cluster, settingsFile), settings(access.port))
  await writeDurably(host, join(cluster, accessFile), `${JSON.stringify(access)}\n`)
  await syncFolder(cluster)
}

/** Writes a 0600 file so that it is whole or the old one even after a power cut. */
async function writeDurably(host: Host, path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await host.own(draft)
  await rename(draft, path)
}

async function syncFolder(path: string): Promise<void> {
  // Windows has no such thing for folders.
  if (process.platform === 'win32') return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => done(port))
    })
  })
}

/** What postmaster.pid says (lines: pid, data folder, start time, port, …), or null without a whole one. */
export async function readPostmaster(cluster: string): Promise<Postmaster | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')
  const [pid, , , port] = text.split('\n').map(Number)
  return pid && port ? { pid, port } : null
}

/**
 * True when the process is the server of this cluster. After a crash the pid can belong to another
 * process by now, most easily in a container; PostgreSQL itself would then refuse to start for ever.
 */
export async function isPostmasterOf(pid: number, cluster: string): Promise<boolean> {
  if (!isAlive(pid)) return false
  if (process.platform === 'linux') {
    // The postmaster's working directory is its data folder.
    const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => null)
    return cwd === null ? true : cwd === (await realpath(cluster))
  }
  if (process.platform === 'win32') return true
  return new Promise((done) => {
    execFile('ps', ['-p', String(pid), '-o', 'command='], (error, stdout) => {
      done(error !== null || stdout.includes(cluster))
    })
  })
}

/**
 * Removes the pid file when its pid now belongs to another process, which PostgreSQL cannot tell from a
 * running server. A pid nobody has is left to PostgreSQL's own checks.
 */
export async function removeForeignPidFile(cluster: string, pid: number): Promise<void> {
  if (!isAlive(pid) || (await readPostmaster(cluster))?.pid !== pid) return
  await rm(join(cluster, 'postmaster.pid'), { force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
