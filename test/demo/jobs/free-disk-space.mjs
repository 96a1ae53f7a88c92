#!/usr/bin/env node
// Deletes old *.log and *.tmp files below one folder that settings.json allows, and says what that freed.
// Links are neither followed nor deleted, so nothing outside that folder can be reached.
import { lstat, readdir, realpath, rm } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'

import { allowed, count, progress, Refusal, runJob, size, wholeNumber } from './job-kit.mjs'

const dayMs = 86_400_000

/** Files named one by one in the report; the rest is a number. */
const namedFiles = 20

await runJob(async ({ parameters }, settings) => {
  const area = allowed(parameters.area, settings.areas, 'area')
  const days = wholeNumber(parameters, 'older_than_days', { min: 1, max: 3650 })
  const dryRun = parameters.dry_run === true
  const root = await safeRoot(area.path)
  progress(5, `Looking through ${root}`)
  const old = await findOld(root, Date.now() - days * dayMs)
  const freed = dryRun ? sum(old) : await remove(old, root)
  report(old, { root, days, dryRun, freed })
})

/** The real folder. Refuses what no admin can have meant: a relative path, the root of a disk. */
async function safeRoot(path) {
  if (typeof path !== 'string' || !isAbsolute(path)) {
    throw new Refusal('the area has no absolute path in settings.json.')
  }
  const root = await realpath(path).catch(() => {
    throw new Refusal(`the folder ${path} does not exist.`)
  })
  if (dirname(root) === root) throw new Refusal('a whole disk is never cleaned.')
  return root
}

/** Old files below the folder, largest first. */
async function findOld(root, before) {
  const found = []
  const folders = [root]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await readdir(folder, { withFileTypes: true })
    // isDirectory and isFile are false for links.
    for (const entry of entries.filter((entry) => entry.isDirectory())) {
      folders.push(join(folder, entry.name))
    }
    for (const entry of entries.filter(
      (entry) => entry.isFile() && /\.(log|tmp)$/i.test(entry.name),
    )) {
      const path = join(folder, entry.name)
      const { mtimeMs, size: bytes } = await lstat(path)
      if (mtimeMs < before) found.push({ path, bytes })
    }
  }
  return found.toSorted((a, b) => b.bytes - a.bytes)
}

async function remove(files, root) {
  let freed = 0
  for (const [index, { path, bytes }] of files.entries()) {
    // A folder may have been replaced by a link since it was read.
    if ((await realpath(dirname(path))) !== dirname(path)) continue
    await rm(path)
    freed += bytes
    const percent = 10 + Math.floor(((index + 1) / files.length) * 85)
    progress(percent, `Deleted ${relative(root, path)} (${size(bytes)})`)
  }
  return freed
}

function report(files, { root, days, dryRun, freed }) {
  for (const { path, bytes } of files.slice(0, namedFiles)) {
    console.log(`${size(bytes).padStart(10)}  ${relative(root, path)}`)
  }
  if (files.length > namedFiles) console.log(`            and ${files.length - namedFiles} more`)
  const what = `${count(files.length, 'file')} older than ${count(days, 'day')} in ${root}`
  const end = summary(files.length, { what, dryRun, freed })
  console.log(end)
  progress(100, end)
}

function summary(number, { what, dryRun, freed }) {
  if (number === 0) return `Nothing to free: ${what}.`
  return dryRun ? `Would free ${size(freed)}: ${what}.` : `Freed ${size(freed)}: ${what}.`
}

function sum(files) {
  return files.reduce((total, { bytes }) => total + bytes, 0)
}
