#!/usr/bin/env node
// Looks at this machine and changes nothing: uptime, load, memory, disks, the busiest processes and the end
// of a log, as a report short enough for a work note.
import { execFile } from 'node:child_process'
import { open, statfs } from 'node:fs/promises'
import { availableParallelism, freemem, hostname, loadavg, totalmem, uptime } from 'node:os'
import { promisify } from 'node:util'

import { allowed, progress, runJob, size, wholeNumber } from './job-kit.mjs'

/** Bytes read from the end of the log, and characters shown of each line. */
const tailBytes = 65_536
const lineLength = 110

await runJob(async ({ parameters, ticket }, settings) => {
  const log = parameters.log ? allowed(parameters.log, settings.logs, 'log') : null
  const lines = wholeNumber({ lines: 10, ...parameters }, 'lines', { min: 1, max: 50 })
  console.log(`Diagnostics of ${hostname()} for ${ticket.number}, ${new Date().toISOString()}`)
  progress(10, 'Looking at load and memory')
  console.log(`Up for ${span(uptime())}, load ${loads()} on ${availableParallelism()} processors`)
  console.log(
    `Memory: ${percent(totalmem() - freemem(), totalmem())} of ${size(totalmem())} in use`,
  )
  progress(30, 'Looking at disks')
  for (const path of settings.disks ?? ['/']) console.log(await diskLine(path))
  progress(50, 'Looking at processes')
  console.log(['', 'Busiest processes (CPU %, memory %, name):', ...(await busiest())].join('\n'))
  if (log !== null) {
    progress(80, `Reading ${log.path}`)
    console.log(['', `End of ${log.path}:`, ...(await endOf(log.path, lines))].join('\n'))
  }
  progress(100, `Collected diagnostics of ${hostname()}`)
})

function loads() {
  return loadavg()
    .map((load) => load.toFixed(2))
    .join(' ')
}

async function diskLine(path) {
  try {
    const { bsize, blocks, bavail, bfree } = await statfs(path)
    const used = percent(blocks - bfree, blocks - bfree + bavail)
    return `Disk of ${path}: ${used} used, ${size(bavail * bsize)} of ${size(blocks * bsize)} free`
  } catch (error) {
    return `Disk of ${path}: cannot be read (${error.message})`
  }
}

/** Names only: whole command lines may hold passwords. */
async function busiest() {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pcpu=,pmem=,comm='])
  return stdout
    .split('\n')
    .map((line) => /^\s*([\d.,]+)\s+([\d.,]+)\s+(.+)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, cpu, memory, name]) => ({ cpu: Number(cpu.replace(',', '.')), memory, name }))
    .toSorted((a, b) => b.cpu - a.cpu)
    .slice(0, 5)
    .map(
      ({ cpu, memory, name }) =>
        `${cpu.toFixed(1).padStart(6)} ${memory.padStart(5)}  ${cut(name)}`,
    )
}

async function endOf(path, lines) {
  try {
    await using file = await open(path, 'r')
    const { size: bytes } = await file.stat()
    const length = Math.min(bytes, tailBytes)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, bytes - length)
    const text = buffer.toString('utf8').trimEnd()
    return text === '' ? ['(empty)'] : text.split('\n').slice(-lines).map(hideSecrets).map(cut)
  } catch (error) {
    return [`(cannot be read: ${error.message})`]
  }
}

/** Logs hold what nobody meant to write there; a work note is read by more people than a log. */
function hideSecrets(line) {
  return line
    .replaceAll(/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 ***')
    .replaceAll(
      /((?:password|passwd|secret|token|api[_-]?key)["']?\s*[=:]\s*)("[^"]*"|\S+)/gi,
      '$1***',
    )
}

function cut(text) {
  return text.length <= lineLength ? text : `${text.slice(0, lineLength - 1).toWellFormed()}…`
}

function percent(part, whole) {
  return `${Math.round((part / Math.max(1, whole)) * 100)} %`
}

function span(seconds) {
  const hours = Math.floor(seconds / 3600)
  if (hours >= 48) return `${Math.floor(hours / 24)} days`
  return hours >= 1
    ? `${hours} h ${Math.floor((seconds % 3600) / 60)} min`
    : `${Math.floor(seconds / 60)} min`
}
