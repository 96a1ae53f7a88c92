// Serves the built run page alone: its HTML and script as an instance would, and the answers of its REST
// routes as a test wants them. What those routes do is proved elsewhere, on the local instance.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { ensureAppBuilt } from '../support/app-build.ts'
import { readBuiltRecords } from '../support/built-app.ts'

/** A request to a REST route of the page. */
export interface PageCall {
  method: string
  /** Path below /api/x_snc_ticket_auto/v1/automation */
  path: string
  token: string | undefined
  body: unknown
}

/** What a route answers: status and the `result`. */
export interface PageAnswer {
  status: number
  result: unknown
}

const api = '/api/x_snc_ticket_auto/v1/automation'
const token = 'token-of-the-session'

/** Starts the server; `answer` decides every REST call. `await using` stops it. */
export async function servePage(
  answer: (call: PageCall) => PageAnswer,
): Promise<AsyncDisposable & { url: string; token: string }> {
  const records = await readBuiltRecords(await ensureAppBuilt())
  const html = records.find((record) => record.table === 'sys_ui_page')?.fields['html'] ?? ''
  const assets = new Map(
    records
      .filter((record) => record.table === 'sys_ux_lib_asset')
      .map(({ fields }) => [`/uxasset/externals/${fields['name']}.jsdbx`, fields['content'] ?? '']),
  )

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const asset = assets.get(pathname)
    if (pathname === '/x_snc_ticket_auto_start.do') send(response, 'text/html', rendered(html))
    else if (asset !== undefined) send(response, 'application/javascript', asset)
    else if (pathname.startsWith(api)) await answerCall(request, response, pathname)
    else response.writeHead(204).end()
  }

  async function answerCall(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
  ): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    const { status, result } = answer({
      method: request.method ?? '',
      path: pathname.slice(api.length),
      token: request.headers['x-usertoken']?.toString(),
      body: text === '' ? null : JSON.parse(text),
    })
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ result }))
  }

  const server = createServer((request, response) => {
    void handle(request, response)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/x_snc_ticket_auto_start.do?sysparm_table=incident&sysparm_sys_id=${'1'.repeat(32)}`,
    token,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

/** The page with the values the platform would put into its two expressions. */
function rendered(html: string): string {
  return html
    .replace('$[gs.getSession().getSessionToken() || gs.getSessionToken()]', token)
    .replace('$[UxFrameworkScriptables.getFlushTimestamp()]', '1')
}

function send(response: ServerResponse, type: string, content: string): void {
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8` })
  response.end(content)
}
