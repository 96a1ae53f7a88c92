// What the jobs of the web farm share: which servers settings.json allows, and what is installed on each.
// Not executable, so no template can name it as a job.
import { readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { allowed, Refusal } from './job-kit.mjs'

/** Milliseconds a server takes, so that a person can watch. */
const pauseMs = 150

/** The servers of the list, each a name and the folder that settings.json gives it. */
export function serversOf(parameters, settings) {
  const names = String(parameters.servers ?? '').split(/[\s,]+/)
  const servers = [...new Set(names.filter((name) => name !== ''))].map((name) => ({
    name,
    folder: allowed(name, settings.farm?.servers, 'server'),
  }))
  if (servers.length === 0) throw new Refusal('no server is named.')
  const wrong = servers.find(({ folder }) => typeof folder !== 'string' || !isAbsolute(folder))
  if (wrong === undefined) return servers
  throw new Refusal(`${wrong.name} has no absolute path in settings.json.`)
}

/** What is installed on a server: {level}. */
export async function installedOn({ name, folder }) {
  await wait(pauseMs)
  try {
    return JSON.parse(await readFile(installedFile(folder), 'utf8'))
  } catch (error) {
    throw new Error(`${name} cannot be read (${error.message}).`, { cause: error })
  }
}

/** The file that says what is installed, and the copy that a patch leaves for its way back. */
export function installedFile(folder) {
  return join(folder, 'installed.json')
}
export function beforeFile(folder) {
  return join(folder, 'installed.before.json')
}
