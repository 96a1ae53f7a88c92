import { afterAll, beforeAll, expect, test } from 'vitest'

import { resultOf, send, signIn } from '../../support/plain-http.ts'
import { openInstance } from './harness.ts'
import type { TestInstance } from './harness.ts'

/** Which parts a reference has; a string is the whole value. */
type ReferenceShape =
  | 'sys_id'
  | 'Carla Caller'
  | { display_value: 'Carla Caller'; link?: true; value?: true }

let instance: TestInstance
let incidents = ''
let callerId = ''
let bearer: Record<string, string>
const marker = 'table api test'

beforeAll(async () => {
  instance = await openInstance()
  incidents = `${instance.url}/api/now/table/incident`
  bearer = instance.bearer
  const users = await send(
    `${instance.url}/api/now/table/sys_user?sysparm_query=user_name=carla.caller`,
    { headers: bearer },
  )
  callerId = (users.json() as { result: { sys_id: string }[] }).result[0]?.sys_id ?? ''
  for (let number = 1; number <= 5; number += 1) {
    await create({
      short_description: `${marker} ${number}`,
      caller_id: callerId,
      category: marker,
    })
  }
})
afterAll(() => instance.stop())

function create(values: Record<string, unknown>, query = '') {
  return send(`${incidents}${query}`, { method: 'POST', headers: bearer, body: values })
}

function list(query: string) {
  return send(`${incidents}?${query}`, { headers: bearer })
}

test('shapes: every value of a record is a string, a reference an object with link and value', async () => {
  const created = await create({ short_description: 'shape', caller_id: callerId, urgency: 2 })
  const { result } = created.json() as { result: Record<string, unknown> }

  expect(result['active']).toBe('true')
  expect(result['state']).toBe('1')
  expect(result['assigned_to']).toBe('')
  expect(result['caller_id']).toEqual({
    link: `${instance.url}/api/now/table/sys_user/${callerId}`,
    value: callerId,
  })
  const others = Object.entries(result).filter(([, value]) => typeof value !== 'string')
  for (const [, value] of others) {
    expect(Object.keys(Object(value)).toSorted()).toEqual(['link', 'value'])
  }
})

test.each<['true' | 'false' | 'all', string, ReferenceShape]>([
  ['true', 'false', { display_value: 'Carla Caller', link: true }],
  ['all', 'false', { display_value: 'Carla Caller', link: true, value: true }],
  ['false', 'true', 'sys_id'],
  ['true', 'true', 'Carla Caller'],
  ['all', 'true', { display_value: 'Carla Caller', value: true }],
])(
  'a reference with display_value=%s and exclude_reference_link=%s',
  async (display, exclude, shape) => {
    const answer = await list(
      `sysparm_query=short_description=${encodeURIComponent(marker)}%201&sysparm_fields=caller_id,state,assigned_to&sysparm_display_value=${display}&sysparm_exclude_reference_link=${exclude}`,
    )
    const row = (answer.json() as { result: Record<string, unknown>[] }).result[0]
    const link = `${instance.url}/api/now/table/sys_user/${callerId}`

    if (typeof shape === 'string') {
      expect(row?.['caller_id']).toBe(shape === 'sys_id' ? callerId : shape)
    } else {
      expect(row?.['caller_id']).toEqual({
        ...('display_value' in shape ? { display_value: shape.display_value } : {}),
        ...('link' in shape ? { link } : {}),
        ...('value' in shape ? { value: callerId } : {}),
      })
    }
    const empty = display === 'all' ? { display_value: '', value: '' } : ''
    expect(row?.['assigned_to']).toEqual(empty)
    const state = { all: { display_value: 'New', value: '1' }, true: 'New', false: '1' }
    expect(row?.['state']).toEqual(state[display])
  },
)

test('shapes: the version of the path is kept in links', async () => {
  const answer = await send(
    `${instance.url}/api/now/v2/table/incident?sysparm_query=short_description=${marker} 1&sysparm_fields=caller_id`.replaceAll(
      ' ',
      '%20',
    ),
    { headers: bearer },
  )

  expect(answer.text).toContain(`${instance.url}/api/now/v2/table/sys_user/${callerId}`)
})

test('shapes: journal fields read back empty right after writing, their text is the display value', async () => {
  const sysId = resultOf(await create({ short_description: 'journal' }))['sys_id'] ?? ''

  const written = await send(`${incidents}/${sysId}`, {
    method: 'PATCH',
    headers: bearer,
    body: { work_notes: 'first\nline' },
  })
  const shown = await send(`${incidents}/${sysId}?sysparm_display_value=true`, {
    headers: bearer,
  })

  expect(resultOf(written)['work_notes']).toBe('')
  expect(resultOf(shown)['work_notes']).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - Ticket Automation \(Work notes\)\nfirst\nline\n\n$/,
  )
})

test('shapes: sysparm_fields picks fields, dot-walks keep their dots, unknown ones are ignored', async () => {
  const answer = await list(
    `sysparm_query=short_description=${marker} 2&sysparm_fields=number,caller_id.user_name,no_such_field,caller_id.nothing`.replaceAll(
      ' ',
      '%20',
    ),
  )
  const row = (answer.json() as { result: Record<string, unknown>[] }).result[0]

  expect(Object.keys(row ?? {})).toEqual(['number', 'caller_id.user_name'])
  expect(row?.['caller_id.user_name']).toBe('carla.caller')
})

const query = `sysparm_query=${encodeURIComponent(`short_descriptionSTARTSWITH${marker}^ORDERBYshort_description`)}`

test('lists: counts all rows and links the pages in the form that the SDK parses', async () => {
  const answer = await list(`${query}&sysparm_limit=2&sysparm_offset=2`)
  const link = answer.headers['link'] ?? ''

  expect(answer.headers['x-total-count']).toBe('5')
  expect(answer.headers['content-type']).toBe('application/json;charset=UTF-8')
  expect((answer.json() as { result: unknown[] }).result).toHaveLength(2)
  expect(/<[^>]*sysparm_offset=(\d+)[^>]*>;\s*rel="next"/.exec(link)?.[1]).toBe('4')
  expect(/<([^>]*)>;\s*rel="prev"/.exec(link)?.[1]).toContain('sysparm_offset=0')
  expect(link).toContain('rel="first"')
  expect(link).toContain('rel="last"')
})

test('lists: the last page has no next, and following next visits every row once', async () => {
  const seen: string[] = []
  let url: string | undefined = `${incidents}?${query}&sysparm_limit=2`
  while (url !== undefined) {
    const answer = await send(url, { headers: bearer })
    seen.push(
      ...(answer.json() as { result: { number: string }[] }).result.map((row) => row.number),
    )
    url = /<([^>]*)>;rel="next"/.exec(answer.headers['link'] ?? '')?.[1]
  }

  expect(new Set(seen).size).toBe(5)
  expect(seen).toHaveLength(5)
})

test('lists: no_count and suppress_pagination_header leave their headers out', async () => {
  const answer = await list(
    `${query}&sysparm_limit=2&sysparm_no_count=true&sysparm_suppress_pagination_header=true`,
  )

  expect(answer.headers).not.toHaveProperty('x-total-count')
  expect(answer.headers).not.toHaveProperty('link')
})

test('lists: name=value pairs take labels and display names', async () => {
  const answer = await list(
    `category=${encodeURIComponent(marker)}&state=new&caller_id=Carla%20Caller`,
  )

  expect(answer.headers['x-total-count']).toBe('5')
})

test('lists: an empty result is 200 with an empty list', async () => {
  const answer = await list('sysparm_query=number=INC_NONE')

  expect(answer.status).toBe(200)
  expect(answer.json()).toEqual({ result: [] })
  expect(answer.headers['x-total-count']).toBe('0')
})

test('lists: HEAD answers the headers of GET without its body', async () => {
  const answer = await send(`${incidents}?${query}`, { method: 'HEAD', headers: bearer })

  expect(answer.status).toBe(200)
  expect(answer.headers['x-total-count']).toBe('5')
  expect(answer.text).toBe('')
})

test('lists: statistics count without rows', async () => {
  const answer = await send(`${instance.url}/api/now/stats/incident?${query}&sysparm_count=true`, {
    headers: bearer,
  })

  expect(answer.json()).toEqual({ result: { stats: { count: '5' } } })
})

test('writes: POST answers 201 with Location, takes a sys_id, ignores unknown fields', async () => {
  const sysId = '0123456789abcdef0123456789abcdef'
  const answer = await create({ sys_id: sysId, short_description: 'own id', no_such_field: 'x' })

  expect(answer.status).toBe(201)
  expect(answer.headers['location']).toBe(`${incidents}/${sysId}`)
  expect(resultOf(answer)['sys_id']).toBe(sysId)
  expect(resultOf(answer)).not.toHaveProperty('no_such_field')
})

test.each(['PUT', 'PATCH'])('writes: %s changes only the fields it names', async (method) => {
  const sysId =
    resultOf(await create({ short_description: 'before', description: 'kept' }))['sys_id'] ?? ''

  const answer = await send(`${incidents}/${sysId}`, {
    method,
    headers: bearer,
    body: { short_description: 'after' },
  })

  expect(answer.status).toBe(200)
  expect(resultOf(answer)).toMatchObject({ short_description: 'after', description: 'kept' })
})

test('writes: X-HTTP-Method-Override turns a POST into a PATCH', async () => {
  const sysId = resultOf(await create({ short_description: 'before' }))['sys_id'] ?? ''

  const answer = await send(`${incidents}/${sysId}`, {
    method: 'POST',
    headers: { ...bearer, 'X-HTTP-Method-Override': 'PATCH' },
    body: { short_description: 'after' },
  })

  expect(answer.status).toBe(200)
  expect(resultOf(answer)['short_description']).toBe('after')
})

test('writes: DELETE answers 204 without a body, then 404', async () => {
  const sysId = resultOf(await create({ short_description: 'short-lived' }))['sys_id'] ?? ''
  const url = `${incidents}/${sysId}`

  const { cookie, token } = await signIn(instance.url, 'admin')
  const headers = { Cookie: cookie, 'X-UserToken': token, Accept: 'application/json' }
  const removed = await send(url, { method: 'DELETE', headers })
  const again = await send(url, { method: 'DELETE', headers })

  expect([removed.status, removed.text]).toEqual([204, ''])
  expect(again.status).toBe(404)
})

test('writes: only the first record of an array is used, and X-no-response-body silences the answer', async () => {
  const answer = await send(incidents, {
    method: 'POST',
    headers: { ...bearer, 'X-no-response-body': 'true' },
    body: [{ short_description: 'array one' }, { short_description: 'array two' }],
  })
  const stored = await list(
    'sysparm_query=short_descriptionSTARTSWITHarray&sysparm_fields=short_description',
  )

  expect([answer.status, answer.text]).toEqual([201, ''])
  expect(stored.json()).toEqual({ result: [{ short_description: 'array one' }] })
})

test('writes: hostile text comes back exactly', async () => {
  const text = `$(rm -rf /) "quotes" 'single' <script>\n\tünïcödé 🚨 \u202Ertl`

  const sysId =
    resultOf(await create({ short_description: 'text', description: text }))['sys_id'] ?? ''
  const read = await send(`${incidents}/${sysId}`, { headers: bearer })

  expect(resultOf(read)['description']).toBe(text)
})
