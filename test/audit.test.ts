// The audit chain: pure, in the database, and as an export that verifies without it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { emptyChain, linkTo, verifyChain } from '../connector/audit-chain.ts'
import type { AuditLink } from '../connector/audit-chain.ts'
import { startAuditSealer } from '../connector/audit-sealer.ts'
import { auditSettings } from '../connector/audit-settings.ts'
import { verifyAudit } from '../connector/cli/audit.ts'
import {
  appendAudit,
  countUnsealed,
  readHead,
  readLinks,
  sealAudit,
} from '../connector/db/audit.ts'
import type { AuditEntry } from '../connector/db/audit.ts'
import { migrate } from '../connector/db/migrate.ts'
import { createPool, inTransaction } from '../connector/db/pool.ts'
import type { Pool } from '../connector/db/pool.ts'
import { createLog } from '../connector/log.ts'
import { makeConfig, testSecret } from './support/config.ts'
import { createTestDatabase } from './support/postgres.ts'
import { until } from './support/until.ts'

const log = createLog('silent')

function makeEntry(overrides: Partial<AuditEntry> = {}): AuditEntry {
  return {
    actor: 'beth.anglin',
    origin: 'acme',
    action: 'decision',
    subject: 'run/acme/1',
    detail: {
      template: 'free-disk-space',
      note: 'Füße 磁盘 \u0000',
      deep: { b: 1, a: [null, true] },
    },
    ...overrides,
  }
}

function chainOf(count: number): AuditLink[] {
  const links: AuditLink[] = []
  let head = emptyChain
  for (let index = 1; index <= count; index++) {
    const at = new Date(1_780_000_000_000 + index).toISOString()
    const link = linkTo(head, { ...makeEntry({ detail: { index } }), id: String(index), at })
    links.push(link)
    head = link
  }
  return links
}

describe('the chain', () => {
  it('holds when nothing was touched', async () => {
    const links = chainOf(5)

    const { position, hash } = links[4] ?? emptyChain
    expect(await verifyChain(links)).toEqual({ ok: true, head: { position, hash } })
    expect(await verifyChain([])).toEqual({ ok: true, head: emptyChain })
  })

  it('tells which link any change, removal, insertion or exchange breaks', async () => {
    const change = fc.record({
      index: fc.nat({ max: 19 }),
      how: fc.constantFrom('actor', 'detail', 'at', 'remove', 'repeat', 'exchange', 'rehash'),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ index, how }) => {
        const links = chainOf(21)
        const link = links[index]
        const after = links[index + 1]
        if (link === undefined || after === undefined) throw new Error('unreachable')
        const forged = linkTo(links[index - 1] ?? emptyChain, { ...link, actor: 'mallory' })
        const changed: Record<typeof how, AuditLink[]> = {
          actor: [{ ...link, actor: 'mallory' }, after],
          detail: [{ ...link, detail: { index: -1 } }, after],
          at: [{ ...link, at: new Date(0).toISOString() }, after],
          remove: [after],
          repeat: [link, link, after],
          exchange: [after, link],
          // Somebody who can compute hashes must compute all that follow.
          rehash: [forged, after],
        }
        links.splice(index, 2, ...changed[how])

        const verdict = await verifyChain(links)

        expect(verdict.ok).toBe(false)
        expect(verdict.ok ? 0 : verdict.position).toBeGreaterThanOrEqual(index + 1)
        expect(verdict.ok ? 0 : verdict.position).toBeLessThanOrEqual(index + 2)
      }),
      { numRuns: 200 },
    )
  })
})

describe('the audit table', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>
  let pool: Pool

  beforeAll(async () => {
    database = await createTestDatabase()
    pool = createPool(database.connectionString)
    await migrate(pool, { log })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })

  async function sealAll(): Promise<void> {
    while ((await sealAudit(pool))?.more === true);
  }

  it('seals entries in their order and reads them back as they were hashed', async () => {
    await appendAudit(pool, [makeEntry(), makeEntry({ action: 'run.finished' })])
    await sealAll()

    expect(await countUnsealed(pool)).toBe(0)
    const links: AuditLink[] = []
    for await (const link of readLinks(pool)) links.push(link)
    expect(links.map(({ position, action }) => [position, action])).toEqual([
      [1, 'decision'],
      [2, 'run.finished'],
    ])
    expect(await verifyChain(links)).toMatchObject({ ok: true, head: await readHead(pool) })
  })

  it('keeps no entry of a transaction that is rolled back', async () => {
    const before = await readHead(pool)
    await inTransaction(pool, async (client) => {
      await appendAudit(client, [makeEntry({ subject: 'run/acme/undone' })])
      throw new Error('undone')
    }).catch(() => undefined)
    await sealAll()

    expect(await readHead(pool)).toEqual(before)
  })

  it('stays one chain with several sealers and many writers at once', async () => {
    const sealers = [startAuditSealer({ pool, log }), startAuditSealer({ pool, log })]
    const writers = Array.from({ length: 20 }, async (_none, writer) => {
      for (let index = 0; index < 20; index++) {
        await appendAudit(pool, [makeEntry({ detail: { writer, index } })])
        await sealAudit(pool)
      }
    })
    await Promise.all(writers)
    await until('everything is sealed', async () => (await countUnsealed(pool)) === 0)
    for (const sealer of sealers) await sealer.stop()

    const verdict = await verifyChain(readLinks(pool))
    expect(verdict).toMatchObject({ ok: true, head: { position: 402 } })
  })

  it('does not hold up a stop with a long backlog, which the next start seals', async () => {
    await pool.query(
      `insert into audit_entry (at, actor, origin, action, subject)
       select date_trunc('milliseconds', clock_timestamp()), 'rule', 'acme', 'decision', 'many'
       from generate_series(1, 30000)`,
    )
    const sealer = startAuditSealer({ pool, log })
    await until('the first seals', async () => (await countUnsealed(pool)) < 30_000)
    await sealer.stop()
    const left = await countUnsealed(pool)
    await sealAll()

    expect(left).toBeGreaterThan(0)
    expect(await countUnsealed(pool)).toBe(0)
    expect(await verifyChain(readLinks(pool))).toEqual({ ok: true, head: await readHead(pool) })
  })

  it('refuses to change, delete or empty what is sealed', async () => {
    const wrong = [
      `update audit_entry set actor = 'mallory' where position = 1`,
      'delete from audit_entry where position = 1',
      'truncate audit_entry',
    ]

    for (const statement of wrong) {
      await expect(pool.query(statement)).rejects.toThrow(/never changed or deleted/)
    }
  })

  it('finds what an owner of the database did behind the guard', async () => {
    await pool.query('alter table audit_entry disable trigger audit_entry_final')
    try {
      await pool.query(`update audit_entry set actor = 'mallory' where position = 7`)

      expect(await verifyChain(readLinks(pool))).toEqual({
        ok: false,
        position: 7,
        reason: 'link 7 was changed after it was sealed',
      })
    } finally {
      await pool.query(`update audit_entry set actor = 'beth.anglin' where position = 7`)
      await pool.query('alter table audit_entry enable trigger audit_entry_final')
    }
    expect(await verifyChain(readLinks(pool))).toMatchObject({ ok: true })
  })
})

describe('settings', () => {
  it('are noted once, and again when a key or the policy changed; no key is in them', async () => {
    const database = await createTestDatabase()
    const pool = createPool(database.connectionString)
    await migrate(pool, { log })
    async function actions(): Promise<string[]> {
      const { rows } = await pool.query<{ action: string }>(
        'select action from audit_entry order by id',
      )
      return rows.map(({ action }) => action)
    }

    await auditSettings(pool, makeConfig())
    await auditSettings(pool, makeConfig())
    expect(await actions()).toEqual(['keys.changed', 'policy.changed'])

    const other = Buffer.alloc(32, 7).toString('base64')
    await auditSettings(pool, makeConfig({}, { ACME_SECRET: other }))
    await auditSettings(pool, makeConfig({ policy: { max_wait: '24h' } }, { ACME_SECRET: other }))
    expect(await actions()).toEqual([
      'keys.changed',
      'policy.changed',
      'keys.changed',
      'policy.changed',
    ])
    const { rows } = await pool.query<{ detail: unknown }>('select detail from audit_entry')
    expect(JSON.stringify(rows)).not.toContain(testSecret.slice(0, 20))
    expect(JSON.stringify(rows)).not.toContain(other.slice(0, 20))
    await pool.end()
    await database.drop()
  })
})

describe('an export', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-automation-audit-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function write(links: readonly AuditLink[]): string {
    const file = join(folder, `export-${links.length}.jsonl`)
    writeFileSync(file, links.map((link) => JSON.stringify(link)).join('\n'))
    return file
  }

  it('verifies without the database, and against a head noted earlier', async () => {
    const links = chainOf(10)
    const file = write(links)
    const head = `4:${links[3]?.hash}`

    expect(await verifyAudit({}, { file })).toBe(true)
    expect(await verifyAudit({}, { file, head })).toBe(true)
  })

  it('does not hold when its end was cut off before the noted head', async () => {
    const links = chainOf(10)
    const file = write(links.slice(0, 6))

    expect(await verifyAudit({}, { file })).toBe(true)
    expect(await verifyAudit({}, { file, head: `10:${links[9]?.hash}` })).toBe(false)
  })

  it('names the line that is no entry', async () => {
    const file = write(chainOf(3))
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n{"position":4}`)

    await expect(verifyAudit({}, { file })).rejects.toThrow(/jsonl:4 is not an entry/)
    await expect(verifyAudit({}, { file, head: 'nonsense' })).rejects.toThrow(/position:hash/)
  })
})
