#!/usr/bin/env node
// Restarts one service that settings.json names: asks it to end, starts it again in a session of its own,
// and waits until its health page answers.
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

import { allowed, progress, Refusal, runJob, within } from './job-kit.mjs'

/** Seconds a service gets to end before it is ended by force; settings.json may say otherwise. */
const stopSeconds = 10

/** Milliseconds until an ended process must be gone, and until a started service must answer. */
const goneMs = 5000
const startMs = 20_000

await runJob(async ({ parameters }, settings) => {
  const service = allowed(parameters.service, settings.services, 'service')
  const name = parameters.service
  const before = await stateOf(service)
  if (before.pid === null && before.answers) {
    const reason = `${name} answers, but ${service.pid_file} does not name its process.`
    throw new Refusal(reason)
  }
  console.log(`Before: ${name} ${before.answers ? 'answers' : 'does not answer'}.`)
  if (before.pid === null) console.log('It was not running.')
  else await stop(name, before.pid, service.stop_seconds ?? stopSeconds)
  progress(50, `Starting ${name}`)
  const pid = start(service)
  console.log(`Started with process ${pid}.`)
  progress(70, `Waiting for ${name} to answer`)
  const began = Date.now()
  const hint = service.log_file === undefined ? '' : ` Its log: ${service.log_file}`
  const up = await within(startMs, async () => {
    const answered = await answers(service.health_url)
    if (isRunning(pid)) return answered
    throw new Error(`${name} (process ${pid}) ended right after its start.${hint}`)
  })
  if (!up) throw new Error(`${name} does not answer ${startMs / 1000} s after its start.${hint}`)
  const end = `${name} is running again and answers (after ${Date.now() - began} ms).`
  console.log(end)
  progress(100, end)
})

/** The process that the pid file names, if it is the service and runs; and whether the service answers. */
async function stateOf(service) {
  const pid = Number(await readFile(service.pid_file, 'utf8').catch(() => ''))
  const known = Number.isInteger(pid) && pid > 1 && isRunning(pid)
  // The number may belong to another process by now; that one must not be ended.
  if (known && !isService(pid, service.command)) {
    const reason = `process ${pid} of ${service.pid_file} is not this service; remove the stale file.`
    throw new Refusal(reason)
  }
  return { pid: known ? pid : null, answers: await answers(service.health_url) }
}

async function stop(name, pid, seconds) {
  progress(10, `Asking ${name} (process ${pid}) to end`)
  process.kill(pid, 'SIGTERM')
  if (await within(seconds * 1000, () => !isRunning(pid))) {
    console.log(`Process ${pid} ended.`)
    return
  }
  process.kill(pid, 'SIGKILL')
  console.log(`Process ${pid} did not end within ${seconds} s and was ended by force.`)
  if (!(await within(goneMs, () => !isRunning(pid))))
    throw new Error(`process ${pid} does not end.`)
}

/** Starts the service in a session of its own, so that it outlives this job. */
function start({ command, cwd, environment, log_file: logFile, pid_file: pidFile }) {
  const log = openSync(logFile ?? '/dev/null', 'a')
  const [program, ...args] = command
  const child = spawn(program, args, {
    cwd: cwd ?? '/',
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...environment },
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  if (child.pid === undefined) throw new Error(`${program} cannot be started.`)
  child.unref()
  writeFileSync(`${pidFile}.new`, `${child.pid}\n`)
  renameSync(`${pidFile}.new`, pidFile)
  return child.pid
}

async function answers(url) {
  try {
    const reply = await fetch(url, { signal: AbortSignal.timeout(1000) })
    await reply.body?.cancel()
    return reply.ok
  } catch {
    // Refused, reset or too slow: not answering.
    return false
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return !/\) Z /.test(statOf(pid))
  } catch {
    return false
  }
}

/** Only Linux shows it; elsewhere an entry in the process table counts as running. */
function statOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return ''
  }
}

/** True unless the system shows that the process runs another command. */
function isService(pid, command) {
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return command.slice(1).every((part) => line.includes(part))
  } catch {
    return true
  }
}
