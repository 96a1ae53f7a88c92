// What the sample jobs share: reading parameters and settings, progress, and an end that people can read.
// Not executable, so no template can name it as a job.
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

/** A reason to do nothing, in words for the person who reads the ticket. */
export class Refusal extends Error {}

/** Runs a job: 0 = done, 2 = refused before anything was changed, 1 = something went wrong on the way. */
export async function runJob(main) {
  try {
    await main(JSON.parse(readFileSync(0, 'utf8')), readSettings())
  } catch (error) {
    const refused = error instanceof Refusal
    console.log(
      refused ? `Nothing was done: ${error.message}` : `It did not work: ${error.message}`,
    )
    process.exitCode = refused ? 2 : 1
  }
}

/** Tells the runner how far the job is; the line itself is not part of the output. */
export function progress(percent, text) {
  console.log(`::progress ${percent} ${text}`)
}

/** What settings.json says of a name that came from a ticket; only names that an admin wrote there count. */
export function allowed(value, section, kind) {
  const known = Object.keys(section ?? {})
  if (typeof value === 'string' && known.includes(value)) return section[value]
  const list = known.length === 0 ? 'none is set up' : known.join(', ')
  throw new Refusal(`there is no ${kind} ${JSON.stringify(value ?? '')} here (known: ${list}).`)
}

/** A parameter that must be a whole number between two limits. */
export function wholeNumber(parameters, name, { min, max }) {
  const value = parameters[name]
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new Refusal(`${name} must be a whole number from ${min} to ${max}.`)
}

/** Waits until the question is answered with true; false when that takes longer than the limit. */
export async function within(limitMs, question) {
  const end = Date.now() + limitMs
  for (;;) {
    if (await question()) return true
    if (Date.now() >= end) return false
    await wait(50)
  }
}

/** 1234567 -> "1.2 MB" */
export function size(bytes) {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`
}

/** 1 file, 2 files */
export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** The folders, services and logs of this machine: written by an admin, never by a ticket. */
function readSettings() {
  const path = new URL('settings.json', import.meta.url)
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Refusal(`settings.json beside the jobs cannot be read (${error.message}).`)
  }
}
