#!/usr/bin/env node
// Rotates one log that settings.json names: packs it as <log>.1.gz, moves older ones up, keeps as many as
// wanted, and empties the log in place, so that the program writing it needs no restart.
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { lstat, rename, rm, stat, truncate } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

import { allowed, count, progress, Refusal, runJob, size, wholeNumber } from './job-kit.mjs'

await runJob(async ({ parameters }, settings) => {
  const log = allowed(parameters.log, settings.logs, 'log')
  const keep = wholeNumber(parameters, 'keep', { min: 1, max: 100 })
  await mustBeLog(log.path)
  const { size: bytes } = await stat(log.path)
  if (bytes === 0) {
    finish(`${log.path} is empty: nothing to rotate.`)
    return
  }
  progress(10, `Packing ${log.path} (${size(bytes)})`)
  const packed = `${log.path}.packing`
  await pack(log.path, packed, bytes)
  progress(60, 'Checking the packed copy')
  await mustHold(packed, bytes)
  const removed = await moveUp(log.path, keep)
  await rename(packed, `${log.path}.1.gz`)
  await empty(log.path, bytes)
  const { size: packedBytes } = await stat(`${log.path}.1.gz`)
  console.log(`Packed ${size(bytes)} into ${log.path}.1.gz (${size(packedBytes)}).`)
  if (removed > 0) console.log(`Removed ${count(removed, 'older file')}; ${keep} are kept.`)
  finish(`${log.path} was rotated: ${size(Math.max(0, bytes - packedBytes))} freed.`)
})

/** A link could lead anywhere. */
async function mustBeLog(path) {
  if (typeof path !== 'string' || !isAbsolute(path)) {
    throw new Refusal('the log has no absolute path in settings.json.')
  }
  const facts = await lstat(path).catch(() => null)
  if (facts === null) throw new Refusal(`${path} does not exist.`)
  if (!facts.isFile()) throw new Refusal(`${path} is not a regular file.`)
}

/** Packs exactly the bytes that were there at the start; what is written meanwhile stays in the log. */
async function pack(from, to, bytes) {
  await pipeline(
    createReadStream(from, { end: bytes - 1 }),
    createGzip(),
    createWriteStream(to, { mode: 0o640, flush: true }),
  )
}

/** Unpacks the copy once: the log is emptied only if it can be read again. */
async function mustHold(path, bytes) {
  let found = 0
  await pipeline(createReadStream(path), createGunzip(), async (parts) => {
    for await (const part of parts) found += part.length
  })
  if (found !== bytes) throw new Error(`the packed copy holds ${found} of ${bytes} bytes.`)
}

/** log.1.gz becomes log.2.gz and so on; what would go beyond `keep` is removed. Gives how many were. */
async function moveUp(path, keep) {
  let last = 0
  while (existsSync(`${path}.${last + 1}.gz`)) last++
  for (let number = last; number >= keep; number--) await rm(`${path}.${number}.gz`)
  for (let number = Math.min(last, keep - 1); number >= 1; number--) {
    await rename(`${path}.${number}.gz`, `${path}.${number + 1}.gz`)
  }
  return Math.max(0, last - keep + 1)
}

/**
 * Empties the log but keeps what was written while this job packed. Between the look and the cut a program
 * that writes all the time can lose a line, as with copytruncate of logrotate(8).
 */
async function empty(path, bytes) {
  const { size: now } = await stat(path)
  if (now === bytes) {
    await truncate(path)
    return
  }
  console.log(`${size(now - bytes)} were written meanwhile.`)
  await keepRest(path, bytes)
}

/** Moves what came after the packed part to the start of the file. */
async function keepRest(path, bytes) {
  const parts = []
  for await (const part of createReadStream(path, { start: bytes })) parts.push(part)
  await truncate(path)
  const rest = createWriteStream(path, { flags: 'a' })
  await pipeline(parts, rest)
}

function finish(text) {
  console.log(text)
  progress(100, text)
}
