import { expect, test } from 'vitest'

import { errorOf, runModule } from '../fixtures/script-api.ts'

test('getValue is null for empty and unknown fields, booleans are 1 and 0', async () => {
  const { result } = await runModule(`
    import { GlideRecord } from '@servicenow/glide'
    export function run() {
      const gr = new GlideRecord('incident')
      gr.initialize()
      gr.setValue('short_description', 'a')
      gr.insert()
      return [gr.getValue('close_code'), gr.getValue('nope'), gr.getValue('active'), String(gr.active), gr.getValue('knowledge')]
    }`)

  expect(result).toEqual([null, null, '1', 'true', '0'])
})

test('work notes are written by assignment, setValue has no effect on them', async () => {
  const { result, platform } = await runModule(`
    import { GlideRecord } from '@servicenow/glide'
    export function run() {
      const gr = new GlideRecord('incident')
      gr.newRecord()
      gr.insert()
      gr.setValue('work_notes', 'lost')
      gr.update()
      gr.work_notes = 'kept'
      gr.update()
      return gr.getUniqueValue()
    }`)

  expect(platform.journal('incident', String(result)).map((one) => one.value)).toEqual(['kept'])
})

test('insert is null when the data policy refuses, with the reason in getLastErrorMessage', async () => {
  const { result } = await runModule(`
    import { GlideRecord } from '@servicenow/glide'
    export function run() {
      const gr = new GlideRecord('incident')
      gr.initialize()
      gr.setValue('state', '6')
      return [gr.insert(), gr.getLastErrorMessage()]
    }`)

  expect(result).toEqual([
    null,
    'Data Policy Exception: Resolution code, Resolution notes are mandatory',
  ])
})

test('a record is found by sys_id, display value, field and dot-walked field', async () => {
  const { result } = await runModule(
    `
    import { GlideRecord, gs } from '@servicenow/glide'
    export function run() {
      const gr = new GlideRecord('incident')
      gr.initialize()
      gr.setValue('caller_id', gs.getUserID())
      const id = gr.insert()
      const number = gr.getValue('number')
      const found = [[id], [number], ['number', number], ['caller_id.user_name', 'carla.caller'], ['nope', 'x']]
      return found.map((args) => new GlideRecord('incident').get(...args))
    }`,
    { user: 'carla.caller' },
  )

  expect(result).toEqual([true, true, true, true, false])
})

test('queries combine conditions, order and windows', async () => {
  const { result } = await runModule(`
    import { GlideRecord, GlideAggregate } from '@servicenow/glide'
    export function run() {
      for (const [short, urgency] of [['b', '1'], ['a', '2'], ['c', '3']]) {
        const gr = new GlideRecord('incident')
        gr.initialize()
        gr.setValue('short_description', short)
        gr.setValue('urgency', urgency)
        gr.insert()
      }
      const gr = new GlideRecord('incident')
      gr.addQuery('urgency', 'IN', '1,2,3')
      gr.addQuery('short_description', 'a').addOrCondition('short_description', 'b')
      gr.orderBy('short_description')
      gr.setLimit(2)
      gr.query()
      const names = []
      while (gr.next()) names.push(gr.getValue('short_description'))
      const count = new GlideAggregate('incident')
      count.addAggregate('COUNT')
      count.addQuery('urgency', '<', 3)
      count.query()
      count.next()
      return [names, gr.getRowCount(), count.getAggregate('COUNT')]
    }`)

  expect(result).toEqual([['a', 'b'], 2, '2'])
})

test('updateMultiple and deleteMultiple work on every matching row', async () => {
  const { result } = await runModule(`
    import { GlideRecord } from '@servicenow/glide'
    export function run() {
      for (const short of ['x', 'x', 'y']) {
        const gr = new GlideRecord('incident')
        gr.initialize()
        gr.setValue('short_description', short)
        gr.insert()
      }
      const change = new GlideRecord('incident')
      change.addQuery('short_description', 'x')
      change.setLimit(1)
      change.setValue('category', 'network')
      change.updateMultiple()
      const gone = new GlideRecord('incident')
      gone.addQuery('category', 'network')
      gone.deleteMultiple()
      const left = new GlideRecord('incident')
      left.query()
      return left.getRowCount()
    }`)

  expect(result).toBe(1)
})

test('an element held on to shows what its record holds now', async () => {
  const { result } = await runModule(`
    import { GlideRecord } from '@servicenow/glide'
    export function run() {
      const gr = new GlideRecord('incident')
      gr.initialize()
      gr.short_description = 'one'
      const element = gr.short_description
      gr.short_description = 'two'
      return [element + '', element == 'two', element.nil(), gr.getElement('caller_id.name').toString()]
    }`)

  expect(result).toEqual(['two', true, false, ''])
})

test('password2 is kept scrambled, decrypts for its own scope and reads empty through the Table API', async () => {
  const { result, platform } = await runModule(
    `
    import { GlideRecord } from '@servicenow/glide'
    export function run() {
      const gr = new GlideRecord('x_snc_probe_secret')
      gr.initialize()
      gr.getElement('secret').setDisplayValue('s3cret')
      const id = gr.insert()
      const raw = new GlideRecord('x_snc_probe_secret')
      raw.initialize()
      raw.setValue('secret', 'plain')
      raw.insert()
      gr.get(id)
      return [gr.getValue('secret') === 's3cret', gr.secret.getDecryptedValue(), raw.secret.getDecryptedValue()]
    }`,
    {
      app: { tables: [{ name: 'x_snc_probe_secret', columns: { secret: { type: 'password2' } } }] },
    },
  )

  const admin = platform.session('admin', false)
  expect(result).toEqual([false, 's3cret', ''])
  expect(admin && platform.query(admin, 'x_snc_probe_secret', {})).toMatchObject({
    records: [{ secret: '' }, { secret: '' }],
  })
})

test('a method nobody knows is a TypeError that names it', async () => {
  const run = await runModule(`
    import { GlideRecord } from '@servicenow/glide'
    export function run() { new GlideRecord('incident').frobnicate() }`)

  expect(run.response.status).toBe(500)
  expect(errorOf(run)).toMatch(/frobnicate is not a function/)
})

test.each([
  ['gs.nowDateTime()', 'gs.nowDateTime is not in the scoped API'],
  ['gs.sleep(1)', 'gs.sleep is not in the scoped API'],
  [
    "new GlideRecord('incident').setForceUpdate(true)",
    'GlideRecord.setForceUpdate is not in the scoped API',
  ],
  ['new XMLDocument2()', 'XMLDocument2 of @servicenow/glide is not emulated'],
])('%s is refused visibly', async (code, message) => {
  const run = await runModule(`
    import { gs, GlideRecord, XMLDocument2 } from '@servicenow/glide'
    export function run() { ${code} }`)

  expect(errorOf(run)).toContain(message)
})

test('errors of the API are Errors in the script, with getMessage()', async () => {
  const { result } = await runModule(`
    import { CertificateEncryption } from '@servicenow/glide'
    export function run() {
      try { CertificateEncryption.generateMac('not base64!', 'HmacSHA256', 'x') } catch (e) { return [e instanceof Error, e.getMessage()] }
    }`)

  expect(result).toEqual([true, 'generateMac: the key must be Base64'])
})

test('MACs and digests are those of RFC 4231 and FIPS 180', async () => {
  const { result } = await runModule(`
    import { CertificateEncryption, GlideDigest } from '@servicenow/glide'
    export function run() {
      const mac = CertificateEncryption.generateMac('SmVmZQ==', 'HmacSHA256', 'what do ya want for nothing?')
      return [mac, new CertificateEncryption().generateMac('SmVmZQ==', 'HmacSHA256', 'what do ya want for nothing?') === mac, new GlideDigest().getSHA256Hex('abc')]
    }`)

  expect(result).toEqual([
    Buffer.from('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843', 'hex').toString(
      'base64',
    ),
    true,
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  ])
})

test('dates are UTC text and milliseconds', async () => {
  const { result } = await runModule(`
    import { GlideDateTime } from '@servicenow/glide'
    export function run() {
      const at = new GlideDateTime('2026-02-28 23:59:30')
      at.addSeconds(45)
      const next = new GlideDateTime()
      next.setNumericValue(0)
      return [at.getValue(), at.after(new GlideDateTime('2026-03-01 00:00:00')), next.getValue(), new GlideDateTime('nonsense').isValid()]
    }`)

  expect(result).toEqual(['2026-03-01 00:00:15', true, '1970-01-01 00:00:00', false])
})

test('log messages take parameters, properties take alternatives', async () => {
  const { result, platform } = await runModule(`
    import { gs } from '@servicenow/glide'
    export function run() {
      gs.info('{0} of {1}', 'one', 'two')
      return [gs.getProperty('nope', 'other'), gs.getProperty('instance_name'), gs.hasRole('itil'), gs.isInteractive()]
    }`)

  expect(result).toEqual(['other', 'local', true, false])
  expect(platform.log().some((line) => line.message === 'one of two')).toBe(true)
})

test('GlideRecordSecure applies the rights of the user, GlideRecord does not', async () => {
  const code = `
    import { GlideRecord, GlideRecordSecure } from '@servicenow/glide'
    export function run() {
      const made = new GlideRecord('incident')
      made.initialize()
      made.setValue('opened_by', 'somebody else')
      made.insert()
      return [GlideRecord, GlideRecordSecure].map((Type) => {
        const gr = new Type('incident')
        gr.query()
        return gr.getRowCount()
      })
    }`
  const { result } = await runModule(code, { user: 'otto.auditor' })

  expect(result).toEqual([1, 0])
})
