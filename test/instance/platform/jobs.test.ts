import { expect, test } from 'vitest'

import { errorOf, openPlatform, runModule } from '../fixtures/script-api.ts'
import { glue, scope, sysId } from '../fixtures/write-app.ts'
import type { FixtureRecord } from '../fixtures/write-app.ts'
import type { Platform } from '../types.ts'
import { createPlatform } from './create-platform.ts'

function messages(platform: Platform): string[] {
  return platform.log().map((line) => line.message)
}

function register(name: string): FixtureRecord {
  return { table: 'sysevent_register', values: { event_name: name } }
}

function action(event_name: string, script: string): FixtureRecord {
  return {
    table: 'sysevent_script_action',
    values: { name: 'Action', event_name, script, active: 'true' },
  }
}

function raise(name: string, queue = ''): string {
  return `
  import { gs, GlideRecord } from '@servicenow/glide'
  export function run() {
    const gr = new GlideRecord('incident')
    gr.initialize()
    gr.insert()
    for (const n of ['1', '2', '3', '4', '5', '6']) gs.eventQueue('${name}', gr, n, 'two', '${queue}')
    return gr.getUniqueValue()
  }`
}

test('events: run their script actions with the event and its record', async () => {
  const name = `${scope}.happened`
  const script = `gs.info(event.parm1 + ' ' + event.parm2 + ' ' + current.getUniqueValue())`
  const { result, platform } = await runModule(raise(name), {
    app: { records: [register(name), action(name, script)] },
  })
  const admin = platform.session('admin', false)

  expect(messages(platform)).toContain(`1 two ${String(result)}`)
  expect(
    admin && platform.query(admin, 'sysevent', { encodedQuery: 'state=processed' }),
  ).toMatchObject({ total: 6 })
})

test('events: that nobody registered are dropped silently, with a line in the log', async () => {
  const { response, platform } = await runModule(raise(`${scope}.unknown`))

  expect(response.status).toBe(200)
  expect(messages(platform)).toContain(`event ${scope}.unknown is not registered: dropped`)
})

test('events: have names of at most 40 characters, cut silently', async () => {
  const name = `${scope}.${'n'.repeat(50)}`
  const short = name.slice(0, 40)
  const { platform } = await runModule(raise(name), {
    app: { records: [register(short), action(short, `gs.info('name ' + event.name)`)] },
  })

  expect(messages(platform)).toContain(`name ${short}`)
})

test('events: keep their order in a sequential queue even when everything is shuffled', async () => {
  const name = `${scope}.happened`
  const queue = {
    table: 'sysevent_queue',
    values: { queue: 'q', processing_order: 'sequential' },
  }
  const records = [register(name), action(name, `gs.info('n' + event.parm1)`), queue]
  const { platform } = await runModule(raise(name, 'q'), {
    app: { records },
    options: { asyncOrder: 'shuffled', seed: 3 },
  })

  expect(messages(platform).filter((line) => /^n\d$/.test(line))).toEqual([
    'n1',
    'n2',
    'n3',
    'n4',
    'n5',
    'n6',
  ])
})

test('events: whose action throws end in state error', async () => {
  const name = `${scope}.happened`
  const { platform } = await runModule(raise(name), {
    app: { records: [register(name), action(name, `throw new Error('no luck')`)] },
  })
  const admin = platform.session('admin', false)

  const found = admin && platform.query(admin, 'sysevent', { encodedQuery: 'state=error' })
  expect(found).toMatchObject({ total: 6, records: expect.arrayContaining([]) as unknown })
  expect(messages(platform).some((line) => line.startsWith('no luck'))).toBe(true)
})

const job: FixtureRecord = {
  table: 'sysauto_script',
  values: {
    name: 'Sweep',
    active: 'true',
    run_type: 'periodically',
    run_period: '1970-01-01 00:01:00',
    run_start: '2026-01-01 00:00:00',
    script: glue('sweep.ts', 'sweep', ''),
  },
}
const modules = {
  'sweep.ts': `import { gs } from '@servicenow/glide'\nexport function sweep() { gs.info('swept by ' + gs.getUserName()) }`,
}

test('scheduled scripts: run as the system every period of a virtual clock, and not before', async () => {
  await using platform = await openPlatform({ modules, records: [job] })

  await platform.settle()
  expect(messages(platform)).toEqual([])
  await platform.advance(10 * 60_000)

  expect(messages(platform)).toEqual(Array.from({ length: 10 }, () => 'swept by system'))
})

test('scheduled scripts: can be switched off by an admin', async () => {
  await using platform = await openPlatform({ modules, records: [job] })
  const admin = platform.session('admin', false)
  const found = admin && platform.query(admin, 'sysauto_script', {})
  const sysId = found && 'records' in found ? (found.records[0]?.['sys_id'] ?? '') : ''

  if (admin) platform.update(admin, 'sysauto_script', sysId, { active: 'false' })
  await platform.advance(5 * 60_000)

  expect(messages(platform)).toEqual([])
})

test('clocks: a real clock cannot be advanced', async () => {
  const platform = await createPlatform({ samples: false })

  await expect(platform.advance(1000)).rejects.toThrow('a real clock cannot be set')
  await platform.close()
})

const read = `import { GlideRecord } from '@servicenow/glide'
  export function run() { const gr = new GlideRecord('cmdb_ci'); gr.query(); return gr.getRowCount() }`

test('cross-scope access: without a privilege for the table is refused and logged', async () => {
  const run = await runModule(read)

  expect(errorOf(run)).toContain(
    `Read operation against 'cmdb_ci' from scope '${scope}' was denied`,
  )
  expect(messages(run.platform).some((line) => line.includes('was denied'))).toBe(true)
})

test('cross-scope access: with a privilege is allowed', async () => {
  const { result } = await runModule(read, { app: { foreignTables: ['cmdb_ci'] } })

  expect(result).toBe(8)
})

test('cross-scope access: to an API without a privilege is refused', async () => {
  const code = `import { GlideDigest } from '@servicenow/glide'\nexport function run() { return new GlideDigest().getSHA256Hex('a') }`
  const run = await runModule(code, { app: { apis: [] } })

  expect(errorOf(run)).toContain("Execute operation on API 'GlideDigest'")
})

test('cross-scope access: is only logged when tracking', async () => {
  const { result, platform } = await runModule(read, { options: { runtimeAccess: 'tracking' } })

  expect(result).toBe(8)
  expect(messages(platform).some((line) => line.includes('was denied'))).toBe(true)
})

test('cross-scope access: a privilege to read is none to write', async () => {
  const code = `import { GlideRecord } from '@servicenow/glide'
    export function run() { const gr = new GlideRecord('cmdb_ci'); gr.setValue('name', 'x'); return gr.insert() }`
  const privilege = {
    table: 'sys_scope_privilege',
    values: {
      target_name: 'cmdb_ci',
      target_type: 'sys_db_object',
      operation: 'read',
      source_scope: sysId('scope'),
      status: 'allowed',
    },
  }
  const run = await runModule(code, { app: { records: [privilege] } })

  expect(errorOf(run)).toContain("Create operation against 'cmdb_ci'")
})
