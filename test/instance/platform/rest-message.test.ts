import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'

import { expect, test } from 'vitest'

import { startListener } from '../fixtures/http-listener.ts'
import { errorOf, runModule } from '../fixtures/script-api.ts'

function call(url: string, more = ''): string {
  return `
    import { RESTMessageV2 } from '@servicenow/glide/sn_ws'
    export function run() {
      const message = new RESTMessageV2()
      message.setEndpoint('${url}')
      message.setHttpMethod('POST')
      message.setRequestHeader('Content-Type', 'application/json')
      message.setRequestBody('{"a":"\\u00e9"}')
      message.setHttpTimeout(500)
      ${more}
      const response = message.execute()
      return {
        status: response.getStatusCode(),
        body: response.getBody(),
        header: response.getHeader('x-twice'),
        error: response.haveError(),
        code: response.getErrorCode(),
        message: response.getErrorMessage(),
      }
    }`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo // a TCP server
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('a call is sent and answered while the script waits', async () => {
  await using listener = await startListener()

  const { result } = await runModule(call(`${listener.url}/v1/events`))

  expect(result).toEqual({
    status: 202,
    body: '{"status":202}',
    header: 'two',
    error: false,
    code: 0,
    message: '',
  })
  expect(await listener.received()).toMatchObject([
    {
      method: 'POST',
      path: '/v1/events',
      body: '{"a":"é"}',
      headers: { 'content-type': 'application/json', 'user-agent': 'ServiceNow/1.0' },
    },
  ])
})

test('an error status is an answer with an error message', async () => {
  await using listener = await startListener()

  const { result } = await runModule(call(`${listener.url}/503`))

  expect(result).toMatchObject({
    status: 503,
    error: true,
    message: 'Method failed: (/503) with code: 503',
  })
})

test('a server that stays silent is a socket timeout: status 0, error code 1', async () => {
  await using listener = await startListener()

  const { result } = await runModule(call(`${listener.url}/hang`))

  expect(result).toMatchObject({
    status: 0,
    error: true,
    code: 1,
    message: 'socket timeout after 500 ms',
  })
})

test('a refused connection throws with the address', async () => {
  const port = await freePort()

  const run = await runModule(call(`http://127.0.0.1:${port}/`))

  expect(errorOf(run)).toContain(`Unable to execute HTTP request to 127.0.0.1:${port}`)
  expect(errorOf(run)).toContain('ECONNREFUSED')
})

test('stored messages and asynchronous calls say that they are not emulated', async () => {
  const run = await runModule(call('http://127.0.0.1:1/', 'message.executeAsync()'), {
    options: { runtimeAccess: 'tracking' },
  })

  expect(errorOf(run)).toContain('RESTMessageV2.executeAsync is not emulated')
})
