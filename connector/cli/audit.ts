import { once } from 'node:events'
// `audit verify` and `audit export`: the chain of everything that was decided and done, checked in the database or
// in a file that somebody took away.
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'

import { AuditLink, emptyChain, verifyChain } from '../audit-chain.ts'
import type { ChainHead, ChainVerdict } from '../audit-chain.ts'
import { countUnsealed, readLinks, sealAudit } from '../db/audit.ts'
import { messageOf } from '../errors.ts'
import { withStores } from './stores.ts'

/** What a head looks like on the command line: `position:hash`. */
const headPattern = /^([0-9]+):([0-9a-f]{64})$/

/**
 * Verifies the chain in the database, or in an exported file, and prints the verdict. With `head` (from the log, an
 * earlier verification or an export) it is also proved that the chain still contains that link: nothing was cut off or
 * written anew. False = the chain does not hold. Throws when the file cannot be read or `head` is not `position:hash`.
 */
export async function verifyAudit(
  env: NodeJS.ProcessEnv,
  options: { file?: string; head?: string },
): Promise<boolean> {
  const known = options.head === undefined ? null : parseHead(options.head)
  if (options.file !== undefined) return tell(await verify(linksOfFile(options.file), known))
  return await withStores(env, async ({ pool }) => {
    const verdict = await verify(readLinks(pool), known)
    const waiting = await countUnsealed(pool)
    if (waiting > 0) console.log(`${waiting} entries wait for their seal (a second or two).`)
    return tell(verdict)
  })
}

/** Writes the whole chain as JSON lines. The export verifies without the database. */
export async function exportAudit(env: NodeJS.ProcessEnv, file: string): Promise<void> {
  await withStores(env, async ({ pool }) => {
    while ((await sealAudit(pool))?.more === true);
    const out = createWriteStream(file, { mode: 0o600, flags: 'wx' })
    await once(out, 'open')
    let head: ChainHead = emptyChain
    for await (const link of readLinks(pool)) {
      head = link
      if (!out.write(`${JSON.stringify(link)}\n`)) await once(out, 'drain')
    }
    out.end()
    await once(out, 'close')
    console.log(`${head.position} entries written to ${file}. Head: ${head.position}:${head.hash}`)
    console.log(
      `Verify anywhere: npm run connector -- audit verify --file ${file} --head ${head.position}:${head.hash}`,
    )
  })
}

function parseHead(text: string): ChainHead {
  const match = headPattern.exec(text)
  if (match === null) throw new Error(`--head must be position:hash, e.g. 12:${'0'.repeat(64)}`)
  return { position: Number(match[1]), hash: match[2] ?? '' }
}

async function verify(
  links: AsyncIterable<AuditLink>,
  known: ChainHead | null,
): Promise<ChainVerdict> {
  let met = known === null || known.position === 0
  async function* watched(): AsyncGenerator<AuditLink> {
    for await (const link of links) {
      if (link.position === known?.position && link.hash === known.hash) met = true
      yield link
    }
  }
  const verdict = await verifyChain(watched())
  if (!verdict.ok || met || known === null) return verdict
  const reason = `the chain does not contain the link with hash ${known.hash} at its place: it was cut off or written anew`
  return { ok: false, position: known.position, reason }
}

function tell(verdict: ChainVerdict): boolean {
  if (verdict.ok) {
    const { position, hash } = verdict.head
    console.log(`The audit chain holds: ${position} entries. Head: ${position}:${hash}`)
    return true
  }
  console.error(`The audit chain does not hold at entry ${verdict.position}: ${verdict.reason}.`)
  return false
}

async function* linksOfFile(file: string): AsyncGenerator<AuditLink> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })
  let number = 0
  for await (const line of lines) {
    number++
    if (line.trim() === '') continue
    yield parseLine(line, `${file}:${number}`)
  }
}

function parseLine(line: string, place: string): AuditLink {
  try {
    return AuditLink.parse(JSON.parse(line))
  } catch (error) {
    throw new Error(`${place} is not an entry of an audit export: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
