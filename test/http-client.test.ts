// Outgoing HTTP against a real server on loopback: what an answer, a silence or a lie becomes.
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterEach, describe, expect, it } from 'vitest'

import { ConnectorError } from '../connector/errors.ts'
import { answerError, createHttpClient } from '../connector/http-client.ts'
import type { HttpAnswer, HttpClient } from '../connector/http-client.ts'

let server: Server | null = null
const client: HttpClient = createHttpClient('platform', { connections: 2 })

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = null
})

async function serve(listener: RequestListener): Promise<string> {
  const running = createServer(listener)
  server = running
  await new Promise<void>((resolve) => running.listen(0, '127.0.0.1', resolve))
  // A TCP server's address is an object once it listens.
  const { port } = running.address() as AddressInfo
  return `http://127.0.0.1:${port}`
}

async function failure(url: string, signal = AbortSignal.timeout(5000)): Promise<ConnectorError> {
  const error: unknown = await client
    .send({ method: 'GET', url, signal })
    .catch((reason: unknown) => reason)
  if (!(error instanceof ConnectorError)) throw new Error(`no ConnectorError: ${String(error)}`)
  return error
}

describe('send', () => {
  it('sends method, headers and body and gives status, headers and text', async () => {
    const url = await serve((request, response) => {
      response.writeHead(201, {
        'x-echo': `${request.method} ${String(request.headers['x-test'])}`,
      })
      request.pipe(response)
    })

    const answer = await client.send({
      method: 'POST',
      url: `${url}/jobs`,
      headers: { 'x-test': 'yes' },
      body: 'påyload 😀',
      signal: AbortSignal.timeout(5000),
    })

    expect(answer).toMatchObject({ status: 201, text: 'påyload 😀' })
    expect(answer.headers['x-echo']).toBe('POST yes')
  })

  it('does not follow a redirect: a token must not travel to another host', async () => {
    const asked: string[] = []
    const url = await serve((request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere' }).end()
    })

    const answer = await client.send({ method: 'GET', url, signal: AbortSignal.timeout(5000) })

    expect(answer.status).toBe(302)
    expect(asked).toEqual(['/'])
  })

  it('calls a refused connection unreachable: nothing arrived', async () => {
    const url = await serve(() => undefined)
    server?.close()

    const error = await failure(url)

    expect(error).toMatchObject({ code: 'platform_unreachable', retryable: true })
  })

  it('calls silence a timeout: the request may have arrived', async () => {
    const url = await serve(() => undefined)

    const error = await failure(url, AbortSignal.timeout(100))

    expect(error).toMatchObject({ code: 'platform_timeout', retryable: true })
  })

  it('calls a connection cut in the middle an error, not unreachable', async () => {
    const url = await serve((request) => request.socket.destroy())

    expect((await failure(url)).code).toBe('platform_error')
  })

  it('gives up on an endless answer', async () => {
    const url = await serve((_request, response) => {
      const chunk = Buffer.alloc(1_000_000)
      function more(): void {
        while (response.write(chunk));
        response.once('drain', more)
      }
      more()
    })

    expect((await failure(url)).message).toContain('longer than 5000000 bytes')
  })

  it('keeps the query, where a token may stand, out of the message', async () => {
    const url = await serve((request) => request.socket.destroy())

    expect((await failure(`${url}/path?token=canary`)).message).not.toContain('canary')
  })
})

describe('answerError', () => {
  function answer(status: number, headers: Record<string, string> = {}): HttpAnswer {
    return { status, headers, text: '<html>\n  busy\n</html>' }
  }

  it.each([
    [400, 'instance_rejected', false],
    [401, 'instance_auth', true],
    [403, 'instance_auth', true],
    [404, 'instance_error', true],
    [408, 'instance_timeout', true],
    [409, 'instance_rejected', false],
    [422, 'instance_rejected', false],
    [429, 'instance_rate_limited', true],
    [302, 'instance_bad_answer', true],
    [500, 'instance_error', true],
    [503, 'instance_error', true],
  ])('%i is %s, retryable %s', (status, code, retryable) => {
    expect(answerError('instance', 'POST /x', answer(status))).toMatchObject({ code, retryable })
  })

  it.each([
    ['7', 7_000],
    ['999999', 3_600_000],
    ['soon', undefined],
    ['-3', undefined],
  ])('reads Retry-After %s as %s ms', (value, expected) => {
    expect(answerError('instance', 'x', answer(429, { 'retry-after': value })).retryAfterMs).toBe(
      expected,
    )
  })

  it('reads a Retry-After date', () => {
    const later = new Date(Date.now() + 60_000).toUTCString()

    const { retryAfterMs = 0 } = answerError('instance', 'x', answer(503, { 'retry-after': later }))

    expect(retryAfterMs).toBeGreaterThan(55_000)
    expect(retryAfterMs).toBeLessThanOrEqual(60_000)
  })

  it('shows the start of the body in one line', () => {
    expect(answerError('instance', 'POST /x', answer(500)).message).toBe(
      'POST /x: 500 <html> busy </html>',
    )
  })
})

describe('a part of a long text', () => {
  it('is its end, counted in what a string counts, without an unfinished character', async () => {
    const text = 'ä🙂'.repeat(100_000)
    const bytes = Buffer.concat([Buffer.from(text), Buffer.from('🙂').subarray(0, 2)])
    const url = await serve((_request, response) => response.end(bytes))
    const signal = AbortSignal.timeout(5000)

    const all = await client.send({ method: 'GET', url, signal, part: { from: 0, most: 1000 } })
    const rest = await client.send({
      method: 'GET',
      url,
      signal,
      part: { from: text.length - 3, most: 1000 },
    })
    const none = await client.send({
      method: 'GET',
      url,
      signal,
      part: { from: text.length, most: 1000 },
    })

    expect(all).toMatchObject({
      length: text.length,
      text: text.slice(-1000).replace(/^[\uDC00-\uDFFF]/, ''),
    })
    expect(rest.text).toBe('ä🙂')
    expect(none).toMatchObject({ text: '', length: text.length })
  })
})
