#!/usr/bin/env node
import { installedOn, serversOf } from './farm-kit.mjs'
// Looks whether every server of a list answers with what is installed on it. Changes nothing.
import { count, progress, runJob } from './job-kit.mjs'

await runJob(async ({ parameters }, settings) => {
  const servers = serversOf(parameters, settings)
  const sick = []
  for (const [index, server] of servers.entries()) {
    const { level } = await installedOn(server)
    // The pretend bug of a level: the servers that stop answering with it.
    const answers = !(settings.farm.broken?.[level] ?? []).includes(server.name)
    if (!answers) sick.push(`${server.name} does not answer with patch level ${level}`)
    console.log(`${server.name}  level ${level}  ${answers ? 'answers' : 'DOES NOT ANSWER'}`)
    progress(Math.floor(((index + 1) / servers.length) * 90), `Looked at ${server.name}`)
  }
  if (sick.length > 0) throw new Error(`${sick.join('; ')}.`)
  progress(100, `All of ${count(servers.length, 'server')} answer.`)
})
