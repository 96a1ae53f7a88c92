// A client that others wrote (awx.awx 21.14.0) ran against the stand-in from launch to cancel: foreign-client.yml. Its
// requests are repeated here, so that the stand-in stays one that this client takes for AWX.
import { expect, it } from 'vitest'

import { send } from '../../support/plain-http.ts'
import { recorded } from './job-rows.ts'
import type { StandInTemplate } from './job-rows.ts'
import { startAwxStandIn } from './stand-in.ts'

const open = { kind: 'job', ask: ['variables', 'limit'] } as const
const templates: StandInTemplate[] = [
  { ...open, id: 1, name: 'Succeed', behaviour: 'succeed' },
  { ...open, id: 2, name: 'Fail', behaviour: 'fail' },
  { ...open, id: 3, name: 'Wait', behaviour: 'wait' },
  { ...open, id: 12, kind: 'workflow', name: 'Flow', behaviour: 'succeed' },
]

/** What awx.awx reads of an answer. */
function told(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) return null
  if ('results' in answer && Array.isArray(answer.results)) return answer.results.map(told)
  // Fields of one record.
  const { id, status, can_cancel: canCancel, related } = answer as Record<string, unknown>
  const links = typeof related === 'object' && related !== null ? Object.keys(related) : []
  return { id, status, canCancel, links: links.filter((name) => /^(launch|cancel)$/.test(name)) }
}

it('answers what the collection awx.awx asks', async () => {
  const awx = await startAwxStandIn(templates)
  const list: unknown = recorded('foreign-client')
  // The file holds a list of [method, path, body].
  const requests = list as [string, string, string][]

  const answers: unknown[] = []
  for (const [method, path, body] of requests) {
    const headers = { authorization: `Bearer ${awx.token}`, 'content-type': 'application/json' }
    const sending = { method, headers, ...(body === '' ? {} : { body }) }
    const { status, text } = await send(`${awx.server.url}${path}`, sending)
    answers.push([status, told(text === '' ? null : JSON.parse(text))])
  }
  await awx.server.close()

  function row(id: number, status: string, links = ['cancel']): unknown {
    return { id, status, canCancel: undefined, links }
  }
  expect(answers).toEqual([
    [200, [row(1, 'successful', ['launch'])]],
    [201, row(100, 'pending')],
    [200, [row(100, 'pending')]],
    [200, row(100, 'running')],
    [200, row(100, 'successful')],
    [200, [row(3, 'successful', ['launch'])]],
    [201, row(101, 'pending')],
    [200, [row(101, 'pending')]],
    [200, { canCancel: true, links: [] }],
    [202, null],
    [200, [row(101, 'running')]],
    [200, row(101, 'canceled')],
    [200, [row(100, 'successful')]],
    [200, { canCancel: false, links: [] }],
    [200, [row(12, 'never updated', ['launch'])]],
    [201, row(102, 'pending')],
    [200, row(102, 'running')],
    [200, row(102, 'successful')],
    [200, [row(2, 'successful', ['launch'])]],
    [201, row(103, 'pending')],
    [200, row(103, 'running')],
    [200, row(103, 'failed')],
  ])
})
