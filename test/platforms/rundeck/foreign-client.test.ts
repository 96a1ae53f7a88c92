// The stand-in answers a client that we did not write: requests as community.general.rundeck_job_run 6.6 of Debian's ansible
// sends them (recorded from the module itself), with what it reads of the answers.
import { afterAll, beforeAll, expect, it } from 'vitest'

import { jobIds, startRundeckPlatform } from './platform.ts'
import type { RundeckPlatform } from './platform.ts'

let platform: RundeckPlatform
beforeAll(async () => {
  platform = await startRundeckPlatform()
})
afterAll(async () => {
  await platform.close()
})

async function ask(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const { rundeck, server } = platform
  const answer = await fetch(`${server.url}/api/39${path}`, {
    method,
    headers: {
      'user-agent': 'ansible-httpget',
      'content-type': 'application/json',
      accept: 'application/json',
      'x-rundeck-auth-token': rundeck.token,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(answer.status).toBe(200)
  return await answer.json()
}

it('runs a job, reads its output and its place in the list', async () => {
  const run = { loglevel: 'INFO', options: { a: '1 2' }, runAtTime: '', filter: '' }

  const started = await ask('POST', `/job/${jobIds.succeed}/run`, run)
  const ended = await ask('GET', '/execution/1000')
  const output = await ask('GET', '/execution/1000/output')
  const list = await ask('GET', `/job/${jobIds.succeed}/executions?offset=0&max=5&status=succeeded`)

  expect(started).toMatchObject({ id: 1000, status: 'running' })
  expect(ended).toMatchObject({ status: 'succeeded', job: { options: { a: '1 2' } } })
  expect(output).toMatchObject({ completed: true, entries: [{ log: 'done' }] })
  expect(list).toMatchObject({ paging: { total: 1 }, executions: [{ id: 1000 }] })
})

it('aborts a job at the end of its patience', async () => {
  const run = { loglevel: 'INFO', options: {}, runAtTime: '', filter: '' }
  await ask('POST', `/job/${jobIds.wait}/run`, run)

  const abort = await ask('GET', '/execution/1001/abort')
  const after = await ask('GET', '/execution/1001')

  expect(abort).toMatchObject({ abort: { status: 'pending' }, execution: { id: '1001' } })
  expect(after).toMatchObject({ status: 'aborted' })
})
