// What the connector costs when nothing happens: seconds to start (new and existing database), CPU and memory of
// its process and of its PostgreSQL while idle. Linux only (/proc).
import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { performance } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

import { testEnv, testInstance, writeConfigFile } from '../support/config.ts'
import { startConnector } from '../support/connector.ts'
import type { ConnectorProcess } from '../support/connector.ts'
import { makeDataFolder } from '../support/postgres-server.ts'

const settleMs = 5_000
const measuredMs = 20_000
/** Clock ticks per second and bytes per page of Linux on every common machine. */
const ticksPerSecond = 100
const pageBytes = 4096

/** Runs the benchmark (about 35 s) and returns its numbers. */
export async function benchIdle(): Promise<Record<string, unknown>> {
  const dataDir = await makeDataFolder()
  const templates = await mkdtemp(`${dataDir}-templates-`)
  const configFile = writeConfigFile({ instances: [testInstance()] })
  function start(): ConnectorProcess {
    return startConnector({ configFile, dataDir, env: { ...testEnv, TEMPLATES_DIR: templates } })
  }
  try {
    const first = await timedStart(start)
    await first.connector.stop()
    const second = await timedStart(start)
    const idle = await measureIdle(second.connector.pid)
    await second.connector.stop()
    return { start_new_database_ms: first.ms, start_existing_database_ms: second.ms, ...idle }
  } finally {
    await rm(dataDir, { recursive: true, force: true })
    await rm(templates, { recursive: true, force: true })
  }
}

async function timedStart(
  start: () => ConnectorProcess,
): Promise<{ connector: ConnectorProcess; ms: number }> {
  const began = performance.now()
  const connector = start()
  await connector.listening()
  return { connector, ms: Math.round(performance.now() - began) }
}

async function measureIdle(pid: number): Promise<Record<string, unknown>> {
  const postmaster = postmasterOf()
  await wait(settleMs)
  const before = { node: ticks([pid]), postgres: ticks(family(postmaster)) }
  await wait(measuredMs)
  const after = { node: ticks([pid]), postgres: ticks(family(postmaster)) }
  return {
    idle_node_cpu_percent: percentOf(after.node - before.node),
    idle_postgres_cpu_percent: percentOf(after.postgres - before.postgres),
    idle_node_rss_mb: residentMb(pid),
  }
}

/** CPU ticks of the measured time as percent of one core, to a tenth. */
function percentOf(used: number): number {
  return Math.round((used / ticksPerSecond / (measuredMs / 1000)) * 1000) / 10
}

interface Stat {
  pid: number
  name: string
  parent: number
  ticks: number
  pages: number
}

/** A line of /proc/<pid>/stat (proc(5)); null when the process is gone. */
function statOf(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'))
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return {
      pid,
      name,
      parent: Number(fields[1]),
      ticks: Number(fields[11]) + Number(fields[12]),
      pages: Number(fields[21]),
    }
  } catch {
    // It ended between the listing and the reading.
    return null
  }
}

function allProcesses(): Stat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map((pid) => statOf(Number(pid))).filter((stat) => stat !== null)
}

/** The newest postmaster: the one this benchmark's connector started. */
function postmasterOf(): number {
  const all = allProcesses()
  const servers = all.filter(({ name }) => name === 'postgres')
  const roots = servers.filter(({ parent }) => !servers.some(({ pid }) => pid === parent))
  return Math.max(...roots.map(({ pid }) => pid))
}

function family(root: number): number[] {
  return allProcesses()
    .filter(({ pid, parent }) => pid === root || parent === root)
    .map(({ pid }) => pid)
}

function ticks(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (statOf(pid)?.ticks ?? 0), 0)
}

function residentMb(pid: number): number {
  return Math.round(((statOf(pid)?.pages ?? 0) * pageBytes) / 1_000_000)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(JSON.stringify(await benchIdle(), null, 2))
}
