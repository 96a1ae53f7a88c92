#!/usr/bin/env node
// Makes one shared folder below the place that settings.json names, with a note whose it is.
import { mkdir, realpath, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'

import { progress, Refusal, runJob, wholeNumber } from './job-kit.mjs'

await runJob(async ({ parameters, ticket }, settings) => {
  const { name, owner } = parameters
  const gigabytes = wholeNumber(parameters, 'size_gb', { min: 1, max: 100 })
  // No dots and no slashes: the folder can only be made right below its place.
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{2,30}$/.test(name)) {
    throw new Refusal('the name must be 3 to 31 lower case letters, digits and -.')
  }
  const folder = join(await place(settings.shares?.path), name)
  progress(30, `Making ${folder}`)
  await makeNew(folder)
  const about = { owner, gigabytes, ordered_with: ticket.number }
  await writeFile(join(folder, 'about.json'), `${JSON.stringify(about, null, 2)}\n`)
  const end = `The folder ${name} (${gigabytes} GB) is ready for ${owner}.`
  console.log(end)
  progress(100, end)
})

async function place(path) {
  if (typeof path === 'string' && isAbsolute(path)) return await realpath(path)
  throw new Refusal('settings.json names no absolute path for shared folders.')
}

/** What is there already belongs to somebody. */
async function makeNew(folder) {
  try {
    await mkdir(folder)
  } catch (error) {
    if (error.code === 'EEXIST') throw new Refusal('a folder of that name exists already.')
    throw error
  }
}
