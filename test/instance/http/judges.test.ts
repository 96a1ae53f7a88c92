// Clients that nobody here wrote, against the local instance: the SDK's command line (HTTP, bearer token, client
// credentials, user name and password).
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { send } from '../../support/plain-http.ts'
import { oauthClient, openInstance } from './harness.ts'
import type { TestInstance } from './harness.ts'

const cli = fileURLToPath(
  new URL('../../../node_modules/@servicenow/sdk/bin/index.js', import.meta.url),
)
const patienceMs = 60_000

let instance: TestInstance
let home = ''

beforeAll(async () => {
  instance = await openInstance()
  // The command line keeps its settings below the home folder; tests leave the person's alone.
  home = mkdtempSync(join(tmpdir(), 'now-sdk-home-'))
  for (let number = 1; number <= 5; number += 1) {
    await send(`${instance.url}/api/now/table/incident`, {
      method: 'POST',
      headers: instance.bearer,
      body: { short_description: `judged ${number}` },
    })
  }
})
afterAll(async () => {
  await instance.stop()
  rmSync(home, { recursive: true, force: true })
})

interface Judgement {
  ok: boolean
  hasMore: boolean
  nextOffset?: number
  records: { short_description?: string; number?: string }[]
}

function query(credentials: Record<string, string>, ...more: string[]): Promise<Judgement> {
  const flags = ['query', 'incident', '--query', 'short_descriptionSTARTSWITHjudged', '-o', 'json']
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [cli, ...flags, ...more],
      {
        cwd: home,
        timeout: patienceMs,
        env: {
          PATH: process.env['PATH'],
          HOME: home,
          NODE_ENV: 'test',
          SN_SDK_INSTANCE_URL: instance.url,
          ...credentials,
        },
      },
      (error, stdout, stderr) => {
        const line = stdout.split('\n').find((part) => part.startsWith('{'))
        if (line === undefined) reject(new Error(`${error?.message ?? ''}\n${stdout}\n${stderr}`))
        // The output format of `now-sdk query -o json`.
        else resolve(JSON.parse(line) as Judgement)
      },
    )
  })
}

test(
  'now-sdk query with a bearer token reads pages until there are no more',
  async () => {
    const token = (instance.bearer['Authorization'] ?? '').replace('Bearer ', '')
    const credentials = { SN_SDK_SESSION_BEARER_TOKEN: token }

    const first = await query(credentials, '--limit', '3', '--fields', 'number,short_description')
    const rest = await query(credentials, '--limit', '3', '--offset', String(first.nextOffset))

    expect(first).toMatchObject({ ok: true, hasMore: true, nextOffset: 3 })
    expect(first.records).toHaveLength(3)
    expect(rest).toMatchObject({ ok: true, hasMore: false })
    expect(rest.records).toHaveLength(2)
  },
  patienceMs,
)

test(
  'now-sdk query with OAuth client credentials is let in',
  async () => {
    const answer = await query({
      SN_SDK_NODE_ENV: 'SN_SDK_CI_INSTALL',
      SN_SDK_AUTH_TYPE: 'oauth',
      SN_SDK_OAUTH_CLIENT_ID: oauthClient.clientId,
      SN_SDK_OAUTH_CLIENT_SECRET: oauthClient.clientSecret,
    })

    expect(answer.ok).toBe(true)
    expect(answer.records).toHaveLength(5)
  },
  patienceMs,
)

test(
  'now-sdk query with user name and password signs in as a person',
  async () => {
    const answer = await query({
      SN_SDK_NODE_ENV: 'SN_SDK_CI_INSTALL',
      SN_SDK_USER: 'admin',
      SN_SDK_USER_PWD: 'demo',
    })

    expect(answer.ok).toBe(true)
    expect(answer.records).toHaveLength(5)
  },
  patienceMs,
)
