// What the sample jobs of the demonstration work on, all of it real and all of it in one folder: logs that fill a
// disk, a service that hangs, a log that has grown too large, a web farm, and the settings that allow the jobs just that.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { freePort } from '../../connector/db/engine-cluster.ts'
import { identityOf, isAlive } from '../../connector/platforms/local/process-identity.ts'
import { until } from '../support/until.ts'
import { preparePretendFarm } from './pretend-farm.ts'
import type { PretendFarm } from './pretend-farm.ts'

/** The prepared folder. */
export interface PretendServer {
  /** For the built-in runner's jobs_dir. */
  jobsDir: string
  /** Files that "Free disk space" should delete, and files beside them that it must leave alone. */
  oldFiles: readonly string[]
  otherFiles: readonly string[]
  /** Page of the service. */
  serviceUrl: string
  farm: PretendFarm
  /** Ends the service, whoever started it last. */
  stop(): Promise<void>
}

const dayMs = 86_400_000
const program = fileURLToPath(new URL('web-shop.mjs', import.meta.url))
const jobs = fileURLToPath(new URL('jobs', import.meta.url))

/** Old enough for the default of the template (7 days), or not. */
const ages = { old: [9, 12, 16, 21, 30, 45], young: [0, 2, 5] } as const

const oldBytes = 900_000
const serviceLogBytes = 24_000_000

/** Seconds the hanging service gets to end by itself before the job ends it by force. */
const stopSeconds = 2

/** Makes the folder anew and starts the service, hanging. */
export async function preparePretendServer(folder: string): Promise<PretendServer> {
  const root = join(folder, 'server')
  const jobsDir = join(folder, 'jobs')
  const service = serviceIn(root, await freePort())
  await stopService(service)
  await rm(root, { recursive: true, force: true })
  for (const name of ['app-logs', 'temp', 'web-shop']) {
    await mkdir(join(root, name), { recursive: true })
  }
  await cp(jobs, jobsDir, { recursive: true })
  const logs = await fill(join(root, 'app-logs'), 'log', ['orders', 'payments', 'search'])
  const temp = await fill(join(root, 'temp'), 'tmp', ['upload', 'export'])
  const notes = join(root, 'app-logs', 'README.txt')
  await writeFile(notes, 'Not a log: "Free disk space" must leave this file alone.\n')
  await makeOld(notes, 60)
  await writeFile(service.log_file, serviceLog())
  const farm = await preparePretendFarm(root)
  const allSettings = { ...settings(root, service), ...farm.settings }
  await writeFile(join(jobsDir, 'settings.json'), `${JSON.stringify(allSettings, null, 2)}\n`)
  await startHanging(service)
  return {
    jobsDir,
    oldFiles: logs.old,
    otherFiles: [...logs.young, ...temp.old, ...temp.young, notes],
    serviceUrl: service.health_url,
    farm,
    stop: () => stopService(service),
  }
}

/** A service as settings.json names it for the job "Restart a service". */
interface Service {
  command: readonly string[]
  pid_file: string
  log_file: string
  health_url: string
  stop_seconds: number
  environment: Record<string, string>
}

function serviceIn(root: string, port: number): Service {
  const log = join(root, 'web-shop', 'web-shop.log')
  return {
    command: [process.execPath, program],
    pid_file: join(root, 'web-shop', 'web-shop.pid'),
    log_file: log,
    health_url: `http://127.0.0.1:${port}/`,
    stop_seconds: stopSeconds,
    environment: { PORT: String(port), LOG: log, OWNER: String(process.pid) },
  }
}

function settings(root: string, service: Service): object {
  return {
    areas: {
      'app-logs': { path: join(root, 'app-logs') },
      temp: { path: join(root, 'temp') },
    },
    services: { 'web-shop': service },
    logs: { 'web-shop': { path: service.log_file } },
    disks: ['/'],
  }
}

async function fill(
  folder: string,
  extension: string,
  names: readonly string[],
): Promise<{ old: string[]; young: string[] }> {
  const made = { old: [] as string[], young: [] as string[] }
  for (const name of names) {
    for (const age of ['old', 'young'] as const) {
      for (const days of ages[age]) {
        const path = join(folder, `${name}-${days}d.${extension}`)
        await writeFile(path, Buffer.alloc(oldBytes + days * 1000, `${name} ${days}\n`))
        await makeOld(path, days)
        made[age].push(path)
      }
    }
  }
  return made
}

async function makeOld(path: string, days: number): Promise<void> {
  const time = new Date(Date.now() - days * dayMs)
  await utimes(path, time, time)
}

function serviceLog(): Buffer {
  const start = Date.now() - 30 * dayMs
  const lines = Array.from({ length: 2000 }, (_, index) => {
    const time = new Date(start + index * 61_000).toISOString()
    return `${time} web-shop GET /article/${(index * 7919) % 100_003} 200 ${(index * 31) % 97} ms\n`
  })
  return Buffer.alloc(serviceLogBytes, lines.join(''))
}

async function startHanging(service: Service): Promise<void> {
  const [command = '', ...args] = service.command
  const child = spawn(command, args, {
    env: { ...service.environment, HANGS: 'yes' },
    stdio: 'ignore',
    // Ctrl-C is for the demonstration alone, which then stops the service.
    detached: true,
  })
  child.unref()
  await writeFile(service.pid_file, `${child.pid}\n`)
}

/** Ends the process of the pid file, but only if it is the service. */
async function stopService(service: Service): Promise<void> {
  const pid = existsSync(service.pid_file) ? Number(readFileSync(service.pid_file, 'utf8')) : 0
  const identity = Number.isInteger(pid) && pid > 1 ? identityOf(pid) : null
  if (identity === null || !isAlive(identity) || !isService(pid)) return
  process.kill(pid, 'SIGKILL')
  await until(`process ${pid} to end`, () => !isAlive(identity))
}

/** Unless the system shows another command. */
function isService(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(program)
  } catch {
    // Only Linux shows it here.
    return process.platform !== 'linux'
  }
}
