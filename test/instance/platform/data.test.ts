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

function as(userName: string): Session {
  const session = platform.session(userName, false)
  if (!session) throw new Error(`no user ${userName}`)
  return session
}

function created(values: StoredRecord, table = 'incident', user = 'abel.agent'): StoredRecord {
  const result = platform.insert(as(user), table, values)
  if (!result.ok) throw new Error(result.detail ?? result.message)
  return result.record
}

function changed(record: StoredRecord, values: StoredRecord, user = 'abel.agent'): WriteResult {
  return platform.update(as(user), record['sys_class_name'] ?? '', record['sys_id'] ?? '', values)
}

test('incident engines: numbers, opens and prioritises a new incident', () => {
  const record = created({ short_description: 'a', impact: '1', urgency: '2', priority: '5' })

  expect(record['number']).toMatch(/^INC\d{7}$/)
  expect(record['opened_by']).toBe(as('abel.agent').userSysId)
  expect(record).toMatchObject({ priority: '2', state: '1', incident_state: '1', active: 'true' })
})

test('incident engines: refuses to resolve without resolution code and notes', () => {
  const record = created({ short_description: 'a' })

  const result = changed(record, { state: '6' })

  expect(result).toMatchObject({ ok: false, status: 403, message: 'Operation Failed' })
  expect(result).toMatchObject({
    detail: expect.stringContaining('Data Policy Exception') as string,
  })
  expect(platform.get(as('admin'), 'incident', record['sys_id'] ?? '')?.['state']).toBe('1')
})

test('incident engines: blanks a resolution code that is not in the list, so the data policy refuses', () => {
  const record = created({ short_description: 'a' })

  const result = changed(record, { state: '6', close_code: 'Fixed by magic', close_notes: 'x' })

  expect(result).toMatchObject({
    ok: false,
    detail: 'Data Policy Exception: Resolution code is mandatory',
  })
})

test('incident engines: resolves, mirrors incident_state and stays active until it is closed', () => {
  const record = created({ short_description: 'a' })

  const resolved = changed(record, {
    incident_state: '6',
    close_code: 'Solution provided',
    close_notes: 'x',
  })
  const closed = changed(record, { state: '7' })

  expect(resolved).toMatchObject({ ok: true, record: { state: '6', active: 'true' } })
  expect(closed).toMatchObject({
    ok: true,
    record: { state: '7', incident_state: '7', active: 'false' },
  })
})

test('incident engines: a comment of the caller ends waiting for the caller', () => {
  const record = created({ short_description: 'a', caller_id: as('carla.caller').userSysId })
  changed(record, { state: '3', hold_reason: '1' })

  const result = changed(record, { comments: 'here you are' }, 'carla.caller')

  expect(result.ok).toBe(true)
  expect(platform.get(as('admin'), 'incident', record['sys_id'] ?? '')).toMatchObject({
    state: '2',
    hold_reason: '',
  })
})

test('change requests: move only to the next state of their type', () => {
  const record = created({ short_description: 'c', type: 'standard' }, 'change_request')

  const jump = changed(record, { state: '-1' })
  const step = changed(record, { state: '-2' })

  expect(jump).toMatchObject({ ok: false, status: 403 })
  expect(step).toMatchObject({ ok: true, record: { state: '-2' } })
})

test('change requests: are not cancelled from Review', () => {
  const record = created({ short_description: 'c', type: 'standard' }, 'change_request')
  for (const state of ['-2', '-1', '0']) changed(record, { state })

  expect(changed(record, { state: '4' })).toMatchObject({ ok: false })
})

test('journal fields: read back empty, with one row of sys_journal_field per write', () => {
  const record = created({ short_description: 'a', work_notes: 'first' })
  const result = changed(record, { work_notes: 'second' })

  expect(result).toMatchObject({ ok: true, record: { work_notes: '' } })
  expect(platform.journal('incident', record['sys_id'] ?? '').map((one) => one.value)).toEqual([
    'second',
    'first',
  ])
  expect(platform.display('incident', record, 'work_notes')).toMatch(
    / - Abel Agent \(Work notes\)\nsecond\n\n/,
  )
})

test('values: text is cut at the length of its column and the log says so', () => {
  const record = created({ short_description: 'x'.repeat(200) })

  expect(record['short_description']).toHaveLength(160)
  expect(platform.log().at(-1)?.message).toContain('short_description cut from 200 to 160')
})

test('values: an incident description holds a million characters', () => {
  expect(created({ description: 'd'.repeat(1_000_000) })['description']).toHaveLength(1_000_000)
})

test('values: display values are resolved on request', () => {
  const values = { short_description: 'a', caller_id: 'Carla Caller', urgency: '1 - High' }
  const result = platform.insert(as('abel.agent'), 'incident', values, true)

  expect(result).toMatchObject({
    ok: true,
    record: { caller_id: as('carla.caller').userSysId, urgency: '1' },
  })
})

test('values: display and dot-walk read through references', () => {
  const record = created({ caller_id: as('carla.caller').userSysId })

  expect(platform.display('incident', record, 'caller_id')).toBe('Carla Caller')
  expect(platform.value('incident', record, 'caller_id.user_name')).toBe('carla.caller')
  expect(platform.display('incident', record, 'state')).toBe('New')
})

test('values: a sys_id may be chosen once', () => {
  const sys_id = 'a'.repeat(32)

  expect(created({ sys_id, short_description: 'a' })['sys_id']).toBe(sys_id)
  expect(platform.insert(as('admin'), 'incident', { sys_id })).toMatchObject({
    ok: false,
    status: 403,
  })
})

test('queries: drop invalid terms, as the platform does by default', () => {
  created({ short_description: 'a' })

  expect(
    platform.query(as('admin'), 'incident', { encodedQuery: 'no_such_field=1' }),
  ).toMatchObject({ total: 1 })
})

test('queries: return nothing for invalid terms when the property says so', async () => {
  const strict = await createPlatform({ clock: 'virtual', invalidQueryReturnsNoRows: true })

  const session = strict.session('admin', false)
  expect(
    session && strict.query(session, 'incident', { encodedQuery: 'no_such_field=1' }),
  ).toMatchObject({ total: 0 })
  await strict.close()
})

test('queries: a table includes the tables that extend it', () => {
  created({ short_description: 'a' })
  created({ short_description: 'b' }, 'change_request')

  const found = platform.query(as('admin'), 'task', {
    encodedQuery: 'ORDERBYDESCshort_description',
  })

  expect(found).toMatchObject({
    total: 2,
    records: [{ short_description: 'b' }, { short_description: 'a' }],
  })
})

test('queries: say that they are not emulated instead of guessing', () => {
  const query = platform.query(as('admin'), 'incident', { encodedQuery: '123TEXTQUERY321=mail' })

  expect(query).toMatchObject({ ok: false, status: 400, message: 'Query not emulated' })
})

test('queries: name an unknown table', () => {
  expect(platform.query(as('admin'), 'sys_nonexistent', {})).toEqual({
    ok: false,
    status: 400,
    message: 'Invalid table sys_nonexistent',
    detail: null,
  })
})

test('rights: a caller sees only the own incidents and comments on them', () => {
  const mine = created({ caller_id: as('carla.caller').userSysId })
  created({ short_description: 'not mine' })
  changed(mine, { comments: 'hello', short_description: 'changed by caller' }, 'carla.caller')

  expect(platform.query(as('carla.caller'), 'incident', {})).toMatchObject({
    total: 2,
    records: [{ sys_id: mine['sys_id'] }],
  })
  expect(platform.get(as('admin'), 'incident', mine['sys_id'] ?? '')?.['short_description']).toBe(
    '',
  )
  expect(platform.journal('incident', mine['sys_id'] ?? '')).toHaveLength(1)
})

test('rights: an agent does not delete incidents, an admin does', () => {
  const record = created({ short_description: 'a' })

  expect(platform.remove(as('abel.agent'), 'incident', record['sys_id'] ?? '')).toMatchObject({
    ok: false,
    status: 403,
  })
  expect(platform.remove(as('admin'), 'incident', record['sys_id'] ?? '')).toMatchObject({
    ok: true,
  })
})

test('rights: nobody reads passwords, and the sample password works', () => {
  const user = platform.get(as('admin'), 'sys_user', as('abel.agent').userSysId)

  expect(user?.['user_password']).toBe('')
  expect(platform.checkPassword('abel.agent', 'demo')).toBe(true)
  expect(platform.checkPassword('abel.agent', 'wrong')).toBe(false)
})

test('rights: roles contained in a granted role count and have rows of their own', () => {
  const query = `user=${as('ivy.itil').userSysId}^role.name=sn_incident_read`

  expect(as('ivy.itil').roles.has('sn_incident_read')).toBe(true)
  expect(platform.query(as('admin'), 'sys_user_has_role', { encodedQuery: query })).toMatchObject({
    total: 1,
    records: [{ inherited: 'true' }],
  })
})

test('rights: an inactive user has no session', () => {
  platform.update(as('admin'), 'sys_user', as('ivy.itil').userSysId, { active: 'false' })

  expect(platform.session('ivy.itil', true)).toBeNull()
})
