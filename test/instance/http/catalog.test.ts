// Ordering on the local instance by hand and by program, and what the pages of items and changes show.
import { afterAll, beforeAll, expect, test } from 'vitest'

import { form, send, signIn } from '../../support/plain-http.ts'
import { openInstance } from './harness.ts'
import type { TestInstance } from './harness.ts'

let instance: TestInstance
let carla: { cookie: string; token: string }
let abel: { cookie: string; token: string }

beforeAll(async () => {
  instance = await openInstance()
  carla = await signIn(instance.url, 'carla.caller')
  abel = await signIn(instance.url, 'abel.agent')
})
afterAll(() => instance.stop())

function open(path: string, { cookie } = carla) {
  return send(`${instance.url}${path}`, { headers: { Cookie: cookie } })
}

function itemId(name: string): string {
  return instance.platform.catalog().find((item) => item.name === name)?.sysId ?? ''
}

const answers = {
  'answer.vm_name': 'vm-<7>',
  'answer.size': 'small',
  'answer.disk_gb': '40',
  'answer.backup': 'false',
  'answer.purpose': 'first\r\nsecond',
  'answer.root_password': 'geheim-42',
}

function order(fields: Record<string, string>, token = carla.token) {
  const body = { sysparm_ck: token, sysparm_id: itemId('New virtual machine'), quantity: '2' }
  return send(
    `${instance.url}/catalog_item.do`,
    form({ ...body, ...answers, ...fields }, { Cookie: carla.cookie }),
  )
}

test('the catalog lists every item, each with its questions', async () => {
  const catalog = await open('/catalog_home.do')
  const page = await open(`/catalog_item.do?sysparm_id=${itemId('New virtual machine')}`)

  for (const name of ['Restart a service', 'New virtual machine', 'Extend a file system']) {
    expect(catalog.text).toContain(name)
  }
  for (const text of ['Name of the machine', '<select', '<textarea', 'type="checkbox"']) {
    expect(page.text).toContain(text)
  }
  expect(page.text).toMatch(/type="password"\s+id="answer-root_password"/)
  expect(page.text).toContain('Local development instance — not ServiceNow')
})

test('an order leads to the item, whose page shows the answers and no secret', async () => {
  const answer = await order({})
  const path = answer.headers['location'] ?? ''

  const page = await open(path)
  const worker = await open(path, abel)

  expect(answer.status).toBe(303)
  for (const shown of [page.text, worker.text]) {
    expect(shown).toContain('vm-&lt;7&gt;')
    expect(shown).toContain('first&#10;second')
    expect(shown).toContain('Small (1 CPU, 2 GB)')
    expect(shown).not.toContain('geheim-42')
  }
})

test('an order with a wrong answer comes back with the reason and what was typed', async () => {
  const answer = await order({ 'answer.disk_gb': 'much' })

  expect(answer.status).toBe(400)
  expect(answer.text).toContain('Disk (GB) must be a whole number.')
  expect(answer.text).toContain('vm-&lt;7&gt;')
})

test('an order without the token of the session is refused', async () => {
  expect((await order({}, 'other')).status).toBe(403)
})

test('an order for somebody else names them; a name nobody has is refused', async () => {
  const made = await order({ requested_for: 'Victor Vip' })
  const refused = await order({ requested_for: 'Nobody' })

  expect((await open(made.headers['location'] ?? '', abel)).text).toContain('Victor Vip')
  expect(refused.status).toBe(400)
})

test('the catalog API orders now, and says what is wrong otherwise', async () => {
  const url = `${instance.url}/api/sn_sc/servicecatalog/items/${itemId('New virtual machine')}/order_now`
  const variables = { vm_name: 'vm-8', size: 'large', disk_gb: 10 }
  const { bearer: headers } = instance

  const made = await send(url, {
    method: 'POST',
    headers,
    body: { sysparm_quantity: '1', variables },
  })
  const wrong = await send(url, {
    method: 'POST',
    headers,
    body: { sysparm_quantity: '0', variables },
  })

  expect(made.status).toBe(200)
  expect(made.json()).toMatchObject({ result: { table: 'sc_request' } })
  expect(wrong.status).toBe(400)
})

test('the form of a change lets planned dates be set and affected items be added', async () => {
  const session = instance.platform.session('abel.agent', true)
  if (!session) throw new Error('no abel')
  const made = instance.platform.insert(session, 'change_request', { short_description: 'c' })
  const sysId = made.ok ? (made.record['sys_id'] ?? '') : ''

  const page = await open(`/change_request.do?sys_id=${sysId}`, abel)

  for (const name of ['start_date', 'end_date', 'approval', 'on_hold']) {
    expect(page.text).toContain(`name="field.${name}"`)
  }
  expect(page.text).toContain(`/task_ci.do?sys_id=-1&amp;sysparm_query=task=${sysId}`)
})
