import { expect, test } from 'vitest'

import { openPlatform } from '../fixtures/script-api.ts'
import { rule } from '../fixtures/write-app.ts'
import type { Platform, Session, StoredRecord } from '../types.ts'

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

const modules = {
  'changed.ts': `import { gs } from '@servicenow/glide'
    export function changed(current, previous) {
      gs.info(current.operation() + ' ' + current.getValue('short_description') + ' ' + previous + ' as ' + gs.getUserName() + ' ' + gs.isInteractive())
    }`,
}

test('async rules: run after the operation, with the stored record, without previous, as the user', async () => {
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

test('async rules: judge change operators of their filter when the operation happens', async () => {
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

test('async rules: closing an incident fires activeCHANGESTOfalse', async () => {
  const records = [rule({ call: 'changed.ts#changed', filter_condition: 'activeCHANGESTOfalse' })]
  await using platform = await openPlatform({ modules, records })
  const record = insert(platform, 'incident', { short_description: 'a' })

  platform.update(admin(platform), 'incident', record['sys_id'] ?? '', { state: '8' })
  await platform.settle()

  expect(messages(platform)).toEqual(['update a null as admin false'])
})

test('async rules: respect condition scripts and role conditions', async () => {
  const records = [
    rule({ call: 'changed.ts#changed', condition: "gs.getUserName() != 'admin'" }),
    rule({ call: 'changed.ts#changed', role_conditions: 'no_such_role' }),
  ]
  await using platform = await openPlatform({ modules, records })

  insert(platform, 'incident', { short_description: 'a' })
  await platform.settle()

  expect(messages(platform)).toEqual([])
})

test('async rules: filters compare with case, unlike lists', async () => {
  const records = [
    rule({ call: 'changed.ts#changed', filter_condition: 'short_descriptionLIKEVPN' }),
  ]
  await using platform = await openPlatform({ modules, records })

  insert(platform, 'incident', { short_description: 'vpn down' })
  insert(platform, 'incident', { short_description: 'VPN down' })
  await platform.settle()

  expect(messages(platform)).toEqual(['insert VPN down null as admin false'])
})

test('async rules: come in any order when shuffled, the same for the same seed', async () => {
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

test('async rules: wait for the delay on a virtual clock', async () => {
  const records = [rule({ call: 'changed.ts#changed' })]
  await using platform = await openPlatform({ modules, records }, { asyncDelayMs: 5000 })
  insert(platform, 'incident', { short_description: 'a' })

  await platform.advance(4000)
  expect(messages(platform)).toEqual([])
  await platform.advance(1000)

  expect(messages(platform)).toHaveLength(1)
})

test('async rules: an update that changes nothing is no update', async () => {
  const records = [rule({ call: 'changed.ts#changed', action_insert: 'false' })]
  await using platform = await openPlatform({ modules, records })
  const record = insert(platform, 'incident', { short_description: 'a' })

  const result = platform.update(admin(platform), 'incident', record['sys_id'] ?? '', {
    short_description: 'a',
  })
  await platform.settle()

  expect(result).toMatchObject({ ok: true, record: { sys_mod_count: '0' } })
  expect(messages(platform)).toEqual([])
})
