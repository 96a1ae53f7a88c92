// A plain HTTP client for the tests of the front: it knows credentials and cookies, not what answers should be.
import { request } from 'node:http'

/** An answer as it came. */
export interface Answer {
  status: number
  headers: Record<string, string>
  text: string
  /** The body as JSON. */
  json(): unknown
}

/** What to send. */
export interface Sending {
  method?: string
  headers?: Record<string, string>
  /** An object is sent as JSON, a string as it is. */
  body?: unknown
}

/** Sends one request with exactly these headers (fetch would add Accept and others). */
export function send(url: string, sending: Sending = {}): Promise<Answer> {
  const { method = 'GET', headers = {}, body } = sending
  const payload = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const length = payload === undefined ? {} : { 'Content-Length': Buffer.byteLength(payload) }
    const outgoing = request(url, { method, headers: { ...headers, ...length } }, (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({
          status: incoming.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
          ),
          text,
          json: () => JSON.parse(text) as unknown,
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(payload)
  })
}

/** The `result` record of a Table API answer, as text values; fails on any other answer. */
export function resultOf(answer: Answer): Record<string, string> {
  const body = answer.json()
  if (typeof body !== 'object' || body === null || !('result' in body)) {
    throw new Error(`no result in ${answer.status} ${answer.text}`)
  }
  return Object.fromEntries(
    Object.entries(body.result ?? {}).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )
}

/** Headers of a JSON request with basic authentication. */
export function basic(userName: string, password = 'demo'): Record<string, string> {
  return {
    Authorization: `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`,
    Accept: 'application/json',
    'Content-Type': 'application/json',
  }
}

/** A form post. */
export function form(
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Sending {
  return {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  }
}

/** Signs in through the sign-in page; the cookie and the token of the start page. */
export async function signIn(
  url: string,
  userName: string,
): Promise<{ cookie: string; token: string }> {
  const answer = await send(`${url}/login.do`, form({ pick: userName }))
  const cookie = (answer.headers['set-cookie'] ?? '').split(';')[0] ?? ''
  const home = await send(`${url}/`, { headers: { Cookie: cookie } })
  return { cookie, token: /window\.g_ck = "([0-9a-f]+)"/.exec(home.text)?.[1] ?? '' }
}

/** Headers of a JSON request with a token from the client-credentials grant. */
export async function bearerOf(
  url: string,
  client: { clientId: string; clientSecret: string },
): Promise<Record<string, string>> {
  const answer = await send(
    `${url}/oauth_token.do`,
    form({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.clientSecret,
    }),
  )
  const body = answer.json()
  if (typeof body !== 'object' || body === null || !('access_token' in body)) {
    throw new Error(`no token: ${answer.status} ${answer.text}`)
  }
  return {
    Authorization: `Bearer ${String(body.access_token)}`,
    Accept: 'application/json',
    'Content-Type': 'application/json',
  }
}
