// The change model of the local instance: approvals and not people lead to Scheduled, nothing is skipped.
import { afterEach, beforeEach, expect, test } from 'vitest'

import type { Platform, Session, StoredRecord, WriteResult } from '../types.ts'
import { createPlatform } from './create-platform.ts'

let platform: Platform

beforeEach(async () => {
  platform = await createPlatform({ clock: 'virtual', samples: false })
})

afterEach(async () => {
  await platform.close()
})

function abel(): Session {
  const session = platform.session('abel.agent', false)
  if (!session) throw new Error('no user abel.agent')
  return session
}

function change(type: string): string {
  const made = platform.insert(abel(), 'change_request', { short_description: 'c', type })
  if (!made.ok) throw new Error(made.message)
  return made.record['sys_id'] ?? ''
}

function set(sysId: string, values: StoredRecord): WriteResult {
  return platform.update(abel(), 'change_request', sysId, values)
}

function stored(sysId: string): StoredRecord {
  return platform.get(abel(), 'change_request', sysId, false) ?? {}
}

test('a normal change is approved twice, in Assess and in Authorize, and is then scheduled', () => {
  const sysId = change('normal')

  set(sysId, { state: '-4' })
  expect(stored(sysId)).toMatchObject({ state: '-4', approval: 'requested' })
  set(sysId, { approval: 'approved' })
  expect(stored(sysId)).toMatchObject({ state: '-3', approval: 'requested' })
  set(sysId, { approval: 'approved' })

  expect(stored(sysId)).toMatchObject({ state: '-2', approval: 'approved' })
})

test('nobody moves a change past an approval that was not given', () => {
  const sysId = change('normal')
  set(sysId, { state: '-4' })

  expect(set(sysId, { state: '-3' })).toMatchObject({ ok: false, status: 403 })
  expect(stored(sysId)['state']).toBe('-4')
})

test('an emergency change is authorised once, a standard one is approved beforehand', () => {
  const [urgent, standard] = [change('emergency'), change('standard')]

  set(urgent, { state: '-3' })
  set(urgent, { approval: 'approved' })
  set(standard, { state: '-2' })

  expect(stored(urgent)).toMatchObject({ state: '-2', approval: 'approved' })
  expect(stored(standard)).toMatchObject({ state: '-2', approval: 'approved' })
})

test('a rejected change goes back to New', () => {
  const sysId = change('normal')
  set(sysId, { state: '-4' })

  set(sysId, { approval: 'rejected' })

  expect(stored(sysId)).toMatchObject({ state: '-5', approval: 'rejected' })
})

test('a change on hold needs a reason and goes nowhere but to Canceled', () => {
  const sysId = change('standard')
  set(sysId, { state: '-2' })

  expect(set(sysId, { on_hold: 'true' })).toMatchObject({
    ok: false,
    detail: 'Data Policy Exception: On hold reason is mandatory',
  })
  expect(set(sysId, { on_hold: 'true', on_hold_reason: 'Freeze' })).toMatchObject({ ok: true })
  expect(set(sysId, { state: '-1' })).toMatchObject({ ok: false })
  expect(set(sysId, { state: '4' })).toMatchObject({ ok: true, record: { active: 'false' } })
})

test('the type is changed in New alone', () => {
  const sysId = change('standard')
  set(sysId, { type: 'emergency' })
  expect(stored(sysId)['type']).toBe('emergency')
  set(sysId, { state: '-3' })

  set(sysId, { type: 'standard', short_description: 'd' })

  expect(stored(sysId)).toMatchObject({ type: 'emergency', short_description: 'd' })
})

test('the samples have changes in New, Scheduled and Authorize, with what they affect', async () => {
  await using instance = await withSamples()
  const found = instance.platform.query(abel(), 'change_request', { encodedQuery: 'ORDERBYstate' })
  const affected = instance.platform.query(abel(), 'task_ci', {})

  expect('records' in found && found.records.map((row) => row['state'])).toEqual(['-5', '-3', '-2'])
  expect(affected).toMatchObject({ total: 3 })
})

async function withSamples(): Promise<AsyncDisposable & { platform: Platform }> {
  const instance = await createPlatform({ clock: 'virtual' })
  return { platform: instance, [Symbol.asyncDispose]: () => instance.close() }
}
