#!/usr/bin/env node
// Brings every server of a list to a patch level, and keeps what was installed before for the way back.
import { copyFile, rename, writeFile } from 'node:fs/promises'

import { beforeFile, installedFile, installedOn, serversOf } from './farm-kit.mjs'
import { allowed, count, progress, runJob } from './job-kit.mjs'

await runJob(async ({ parameters }, settings) => {
  const servers = serversOf(parameters, settings)
  const { level } = parameters
  allowed(level, settings.farm.levels, 'patch level')
  for (const [index, server] of servers.entries()) {
    const before = await installedOn(server)
    // A second run on the same level must not take the patch itself for what was there before.
    if (before.level !== level) await patch(server, level)
    console.log(`${server.name}  ${before.level} -> ${level}`)
    progress(Math.floor(((index + 1) / servers.length) * 90), `Patched ${server.name}`)
  }
  progress(100, `${count(servers.length, 'server')} patched to ${level}.`)
})

async function patch({ folder }, level) {
  await copyFile(installedFile(folder), beforeFile(folder))
  await writeFile(`${installedFile(folder)}.new`, `${JSON.stringify({ level })}\n`)
  await rename(`${installedFile(folder)}.new`, installedFile(folder))
}
