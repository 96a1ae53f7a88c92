#!/usr/bin/env node
// Brings every server of a list back to what was installed before it was patched.
import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'

import { beforeFile, installedFile, installedOn, serversOf } from './farm-kit.mjs'
import { count, progress, runJob } from './job-kit.mjs'

await runJob(async ({ parameters }, settings) => {
  const servers = serversOf(parameters, settings)
  for (const [index, server] of servers.entries()) {
    const patched = await installedOn(server)
    const isPatched = existsSync(beforeFile(server.folder))
    if (isPatched) await rename(beforeFile(server.folder), installedFile(server.folder))
    const now = isPatched ? await installedOn(server) : patched
    console.log(
      `${server.name}  ${isPatched ? `${patched.level} -> ${now.level}` : `stays at ${now.level}`}`,
    )
    progress(Math.floor(((index + 1) / servers.length) * 90), `Restored ${server.name}`)
  }
  progress(100, `${count(servers.length, 'server')} restored.`)
})
