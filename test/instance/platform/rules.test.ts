import { expect, test } from 'vitest'

import { openPlatform } from '../fixtures/script-api.ts'
import { rule, writeApp } from '../fixtures/write-app.ts'
import type { FixtureApp } from '../fixtures/write-app.ts'
import type { Platform, Session, StoredRecord } from '../types.ts'
import { createPlatform } from './create-platform.ts'

function admin(platform: Platform): Session {
  const session = platform.session('admin', false)
  if (!session) throw new Error('no admin')
  return session
}

function insert(platform: Platform, table: string, values: StoredRecord): StoredRecord {
  const result = platform.insert(admin(platform), table, values)
  if (!result.ok) throw new Error(result.detail ?? result.message)
  return result.record
}

function messages(platform: Platform): string[] {
  return platform.log().map((line) => line.message)
}

const items = {
  name: 'x_snc_probe_item',
  columns: { name: { type: 'string' }, state: { type: 'string' } },
}

// A rule on the app's own table that writes its parameters into the log.
function logging(name: string, values: Record<string, string>): FixtureApp['records'] {
  const script = `gs.info('${name} ' + current.name + ' ' + current.state.changes() + ' ' + (previous === null ? 'null' : previous.name))`
  return [
    rule({ collection: 'x_snc_probe_item', call: '', when: 'before', name, script, ...values }),
  ]
}

test('order: before rules run around the engines by order, after rules see the stored record', async () => {
  const app: FixtureApp = {
    tables: [items],
    records: [
      ...(logging('late', { order: '2000' }) ?? []),
      ...(logging('early', { order: '10' }) ?? []),
      rule({
        call: '',
        collection: 'x_snc_probe_item',
        when: 'after',
        script: `const gr = new GlideRecord('x_snc_probe_item'); gs.info('after ' + gr.get(current.getUniqueValue()))`,
      }),
    ],
  }
  await using platform = await openPlatform(app)

  insert(platform, 'x_snc_probe_item', { name: 'one', state: 'new' })

  expect(messages(platform)).toEqual(['early one true null', 'late one true null', 'after true'])
})

test('order: what a before rule sets is saved with the record', async () => {
  const app: FixtureApp = {
    tables: [items],
    modules: {
      'set.ts': `export function set(current, previous) { current.setValue('state', 'seen ' + (previous === null)) }`,
    },
    records: [rule({ collection: 'x_snc_probe_item', when: 'before', call: 'set.ts#set' })],
  }
  await using platform = await openPlatform(app)

  expect(insert(platform, 'x_snc_probe_item', { name: 'one' })['state']).toBe('seen true')
})

test('order: previous is the state before the update', async () => {
  await using platform = await openPlatform({
    tables: [items],
    records: logging('rule', {}) ?? [],
  })
  const record = insert(platform, 'x_snc_probe_item', { name: 'one', state: 'a' })

  platform.update(admin(platform), 'x_snc_probe_item', record['sys_id'] ?? '', { name: 'two' })

  expect(messages(platform).at(-1)).toBe('rule two false one')
})

test('order: setAbortAction in a before rule stops the operation and names the rule', async () => {
  const app: FixtureApp = {
    tables: [items],
    records: [
      rule({
        name: 'Guard',
        collection: 'x_snc_probe_item',
        when: 'before',
        call: '',
        script: 'current.setAbortAction(true)',
      }),
    ],
  }
  await using platform = await openPlatform(app)

  const result = platform.insert(admin(platform), 'x_snc_probe_item', { name: 'one' })

  expect(result).toMatchObject({
    ok: false,
    status: 403,
    detail: expect.stringMatching(
      /^Operation against file 'x_snc_probe_item' was aborted by Business Rule 'Guard\^\w{32}'\. Business Rule Stack:Guard$/,
    ) as string,
  })
  expect(platform.query(admin(platform), 'x_snc_probe_item', {})).toMatchObject({ total: 0 })
})

test('order: a rule that throws is logged and the operation goes on', async () => {
  const app: FixtureApp = {
    tables: [items],
    records: [
      rule({
        name: 'Broken',
        collection: 'x_snc_probe_item',
        when: 'before',
        call: '',
        script: 'nobody.knows()',
      }),
    ],
  }
  await using platform = await openPlatform(app)

  insert(platform, 'x_snc_probe_item', { name: 'one' })

  expect(platform.log()).toContainEqual(
    expect.objectContaining({ level: 'error', source: 'Broken' }),
  )
})

test('order: a rule does not set itself off again', async () => {
  const app: FixtureApp = {
    tables: [items],
    records: [
      rule({
        collection: 'x_snc_probe_item',
        when: 'after',
        call: '',
        script: `current.setValue('state', current.state + 'x'); current.update()`,
      }),
    ],
  }
  await using platform = await openPlatform(app)

  insert(platform, 'x_snc_probe_item', { name: 'one', state: '' })

  expect(platform.query(admin(platform), 'x_snc_probe_item', {})).toMatchObject({
    records: [{ state: 'x' }],
  })
  expect(messages(platform)).toContain('recursive call stopped')
})

test.each(['before', 'after'])(
  'a scripted %s rule on incident is refused at load',
  async (when) => {
    const appDir = await writeApp({
      records: [rule({ name: 'Forbidden', call: '', when, script: 'gs.info(1)' })],
    })

    await expect(createPlatform({ appDir, clock: 'virtual' })).rejects.toThrow(
      `rule "Forbidden": a scoped app may not have scripted ${when} rules on incident`,
    )
  },
)

test('rules of a scoped app on foreign tables: set-values-only before rules are allowed', async () => {
  const records = [
    rule({ call: '', when: 'before', advanced: 'false', template: 'category=network^EQ' }),
  ]
  await using platform = await openPlatform({ records })

  expect(insert(platform, 'incident', { short_description: 'a' })['category']).toBe('network')
})

test('rules of a scoped app on foreign tables: lenient mode only warns', async () => {
  const records = [rule({ call: '', when: 'after', script: 'gs.info("ran")' })]
  await using platform = await openPlatform({ records }, { crossScopeRules: 'lenient' })

  insert(platform, 'incident', { short_description: 'a' })

  expect(messages(platform).at(-1)).toBe('ran')
})
