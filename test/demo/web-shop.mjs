#!/usr/bin/env node
// The service of the demonstration: a web server that really hangs (HANGS=yes) until somebody restarts it. It writes
// its log all the time, and ends by itself once the demonstration (process OWNER) is gone.
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'

const { PORT, LOG, OWNER, HANGS } = process.env
const hangs = HANGS === 'yes'
const heartbeatMs = 1000

createServer((_request, response) => {
  // A hanging service takes the connection and never answers.
  if (!hangs) response.end('The web shop is open.\n')
}).listen(Number(PORT), '127.0.0.1')

setInterval(() => {
  try {
    process.kill(Number(OWNER), 0)
  } catch {
    process.exit(0)
  }
  appendFileSync(LOG, `${new Date().toISOString()} web-shop ${hangs ? 'waits for a lock' : 'ok'}\n`)
}, heartbeatMs)

process.on('SIGTERM', () => {
  if (!hangs) process.exit(0)
})
