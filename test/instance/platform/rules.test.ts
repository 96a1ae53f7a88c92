import { describe, expect, test } from 'vitest'

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

describe('order', () => {
  test('before rules run around the engines by order, after rules see the stored record', async () => {
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

  test('what a before rule sets is saved with the record', async () => {
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

  test('previous is the state before the update', async () => {
    await using platform = await openPlatform({
      tables: [items],
      records: logging('rule', {}) ?? [],
    })
    const record = insert(platform, 'x_snc_probe_item', { name: 'one', state: 'a' })

    platform.update(admin(platform), 'x_snc_probe_item', record['sys_id'] ?? '', { name: 'two' })

    expect(messages(platform).at(-1)).toBe('rule two false one')
  })

  test('setAbortAction in a before rule stops the operation and names the rule', async () => {
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

  test('a rule that throws is logged and the operation goes on', async () => {
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

  test('a rule does not set itself off again', async () => {
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
})

describe('async rules', () => {
  const modules = {
    'changed.ts': `import { gs } from '@servicenow/glide'
      export function changed(current, previous) {
        gs.info(current.operation() + ' ' + current.getValue('short_description') + ' ' + previous + ' as ' + gs.getUserName() + ' ' + gs.isInteractive())
      }`,
  }

  test('run after the operation, with the stored record, without previous, as the user', async () => {
    await using platform = await openPlatform({
      modules,
      records: [rule({ call: 'changed.ts#changed' })],
    })
    const abel = platform.session('abel.agent', true)
    const made = abel && platform.insert(abel, 'incident', { short_description: 'first' })
    const sysId = made?.ok ? (made.record['sys_id'] ?? '') : ''
    platform.update(admin(platform), 'incident', sysId, { short_description: 'second' })

    expect(messages(platform)).toEqual([])
    await platform.settle()

    expect(messages(platform)).toEqual([
      'insert second null as abel.agent false',
      'update second null as admin false',
    ])
  })

  test('judge change operators of their filter when the operation happens', async () => {
    const filter_condition = 'active=true^stateVALCHANGES'
    const records = [rule({ call: 'changed.ts#changed', filter_condition, action_insert: 'false' })]
    await using platform = await openPlatform({ modules, records })
    const record = insert(platform, 'incident', { short_description: 'a' })
    const sysId = record['sys_id'] ?? ''

    platform.update(admin(platform), 'incident', sysId, { short_description: 'b' })
    platform.update(admin(platform), 'incident', sysId, { state: '2' })
    await platform.settle()

    expect(messages(platform)).toEqual(['update b null as admin false'])
  })

  test('closing an incident fires activeCHANGESTOfalse', async () => {
    const records = [rule({ call: 'changed.ts#changed', filter_condition: 'activeCHANGESTOfalse' })]
    await using platform = await openPlatform({ modules, records })
    const record = insert(platform, 'incident', { short_description: 'a' })

    platform.update(admin(platform), 'incident', record['sys_id'] ?? '', { state: '8' })
    await platform.settle()

    expect(messages(platform)).toEqual(['update a null as admin false'])
  })

  test('respect condition scripts and role conditions', async () => {
    const records = [
      rule({ call: 'changed.ts#changed', condition: "gs.getUserName() != 'admin'" }),
      rule({ call: 'changed.ts#changed', role_conditions: 'no_such_role' }),
    ]
    await using platform = await openPlatform({ modules, records })

    insert(platform, 'incident', { short_description: 'a' })
    await platform.settle()

    expect(messages(platform)).toEqual([])
  })

  test('filters compare with case, unlike lists', async () => {
    const records = [
      rule({ call: 'changed.ts#changed', filter_condition: 'short_descriptionLIKEVPN' }),
    ]
    await using platform = await openPlatform({ modules, records })

    insert(platform, 'incident', { short_description: 'vpn down' })
    insert(platform, 'incident', { short_description: 'VPN down' })
    await platform.settle()

    expect(messages(platform)).toEqual(['insert VPN down null as admin false'])
  })

  test('come in any order when shuffled, the same for the same seed', async () => {
    const records = [rule({ call: 'changed.ts#changed' })]
    async function order(): Promise<string[]> {
      await using platform = await openPlatform(
        { modules, records },
        { asyncOrder: 'shuffled', seed: 7 },
      )
      for (let index = 0; index < 12; index += 1)
        insert(platform, 'incident', { short_description: String(index) })
      await platform.settle()
      return messages(platform).map((line) => line.split(' ')[1] ?? '')
    }

    const first = await order()

    expect(first).not.toEqual(first.toSorted((a, b) => Number(a) - Number(b)))
    expect(first.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 12 }, (_, index) => String(index)),
    )
    expect(await order()).toEqual(first)
  })

  test('wait for the delay on a virtual clock', async () => {
    const records = [rule({ call: 'changed.ts#changed' })]
    await using platform = await openPlatform({ modules, records }, { asyncDelayMs: 5000 })
    insert(platform, 'incident', { short_description: 'a' })

    await platform.advance(4000)
    expect(messages(platform)).toEqual([])
    await platform.advance(1000)

    expect(messages(platform)).toHaveLength(1)
  })
})

describe('rules of a scoped app on foreign tables', () => {
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

  test('set-values-only before rules are allowed', async () => {
    const records = [
      rule({ call: '', when: 'before', advanced: 'false', template: 'category=network^EQ' }),
    ]
    await using platform = await openPlatform({ records })

    expect(insert(platform, 'incident', { short_description: 'a' })['category']).toBe('network')
  })

  test('lenient mode only warns', async () => {
    const records = [rule({ call: '', when: 'after', script: 'gs.info("ran")' })]
    await using platform = await openPlatform({ records }, { crossScopeRules: 'lenient' })

    insert(platform, 'incident', { short_description: 'a' })

    expect(messages(platform).at(-1)).toBe('ran')
  })
})
