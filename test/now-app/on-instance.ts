// The built app on a platform core of the test's own, with what tests do there all the time: act as somebody,
// call a route, look at rows.
import { createHash } from 'node:crypto'

import type { TemplateList } from '#shared/job-template.ts'

import { createPlatform } from '../instance/platform/create-platform.ts'
import type { PlatformOptions } from '../instance/platform/options.ts'
import type { Platform, Session, StoredRecord } from '../instance/types.ts'
import { ensureAppBuilt } from '../support/app-build.ts'

/** The app's scope. */
export const scope = 'x_snc_ticket_auto'

/** The key both halves sign with: base64 of 32 bytes, used nowhere else. */
export const signingSecret = 'dGVzdC1vbmx5LWtleS0zMi1ieXRlcy1sb25nLTAwMDE='
export const keyId = 'acme-2026'
export const issuer = 'acme'
export const audience = 'ticket-automation'

/** A platform with the app. `await using` closes it. */
export interface AppOnInstance extends AsyncDisposable {
  platform: Platform
  /** The session of a user; throws when there is none. */
  as(userName: string): Session
  /** Creates an incident as this user. */
  incident(userName: string, values?: StoredRecord): StoredRecord
  /** Creates a ticket of another table as this user. */
  ticket(userName: string, table: string, values?: StoredRecord): StoredRecord
  /** Orders a catalog item as this user, by the item's name; gives the requested item. */
  order(userName: string, item: string, answers: Record<string, string>): StoredRecord
  /** Changes a record as this user; throws when it is refused. */
  change(userName: string, row: { table: string; sysId: string }, values: StoredRecord): void
  /** The rows of a table, oldest first, as they are stored. */
  rows(table: string, query?: string): readonly StoredRecord[]
  /** The work notes of a ticket, oldest first. */
  notes(sysId: string): string[]
  /** Calls a route of the app as this user (null = not signed in). */
  call(userName: string | null, request: RouteCall): Promise<RouteAnswer>
}

/** A call of one of the app's routes. */
export interface RouteCall {
  method?: 'GET' | 'POST'
  /** Below /api/x_snc_ticket_auto/v1/automation */
  path: string
  headers?: Record<string, string>
  /** An object is sent as JSON, a string as it is. */
  body?: unknown
}

/** Its answer; `error` is `{}` when there was none. */
export interface RouteAnswer {
  status: number
  result: Record<string, unknown>
  error: { code?: string; message?: string; errors?: readonly { name: string }[] }
}

/** Opens an instance with a standing clock and without sample incidents. */
export async function openApp(
  options: Omit<PlatformOptions, 'appDir'> = {},
): Promise<AppOnInstance> {
  const appDir = await ensureAppBuilt()
  return appOn(await createPlatform({ clock: 'virtual', samples: false, ...options, appDir }))
}

/** The app on an instance that runs already. */
export function appOn(platform: Platform): AppOnInstance {
  function as(userName: string): Session {
    const session = platform.session(userName, false)
    if (!session) throw new Error(`no user ${userName}`)
    return session
  }
  function ticket(userName: string, table: string, values: StoredRecord = {}): StoredRecord {
    const row = { short_description: 'Disk full on web-01', ...values }
    const made = platform.insert(as(userName), table, row)
    if (!made.ok) throw new Error(made.detail ?? made.message)
    return made.record
  }
  return {
    platform,
    as,
    incident: (userName, values = {}) => ticket(userName, 'incident', values),
    ticket,
    order(userName, name, answers) {
      const session = as(userName)
      const item = platform.catalog().find((one) => one.name === name)?.sysId ?? ''
      const asked = { item, quantity: 1, requestedFor: session.userSysId, answers }
      const made = platform.order(session, asked)
      if (!made.ok) throw new Error(made.message)
      return made.item
    },
    change(userName, { table, sysId }, values) {
      const result = platform.update(as(userName), table, sysId, values)
      if (!result.ok) throw new Error(result.detail ?? result.message)
    },
    rows(table, query = '') {
      const found = platform.query(as('admin'), table, { encodedQuery: query, acl: false })
      if ('ok' in found) throw new Error(found.detail ?? found.message)
      return found.records
    },
    notes: (sysId) =>
      platform
        .journal('incident', sysId)
        .filter((entry) => entry.element === 'work_notes')
        .map((entry) => entry.value)
        .toReversed(),
    call: (userName, request) => call(platform, userName === null ? null : as(userName), request),
    [Symbol.asyncDispose]: () => platform.close(),
  }
}

/** The app's connection record for a connector at this URL, with the key above. */
export function connect(app: AppOnInstance, url: string, more: StoredRecord = {}): void {
  const values = {
    name: 'Connector',
    active: 'true',
    url,
    issuer,
    audience,
    key_id: keyId,
    signing_secret: signingSecret,
    ...more,
  }
  const made = app.platform.insert(app.as('ada.admin'), `${scope}_connection`, values, true)
  if (!made.ok) throw new Error(made.detail ?? made.message)
}

/** What the receiver lists as published: one template with a parameter of each kind that matters here. */
export const templates: TemplateList = {
  templates: [
    {
      name: 'free-disk-space',
      version: 3,
      digest: 'a'.repeat(64),
      title: 'Free disk space',
      description: 'Deletes what nobody needs.',
      platform: 'local',
      priority: 100,
      tables: ['incident'],
      match: [],
      parameters: [
        { name: 'folder', label: 'Folder', type: 'string', required: true, editable: true },
        {
          name: 'keep_days',
          label: 'Days to keep',
          type: 'integer',
          required: false,
          editable: true,
          min: 1,
        },
        { name: 'token', label: 'Token', type: 'secret', required: false, editable: true },
      ],
    },
  ],
}

/** The row of a table that a test expects to be the only one. */
export function only(rows: readonly StoredRecord[]): StoredRecord {
  const [row] = rows
  if (!row || rows.length !== 1) throw new Error(`${rows.length} rows instead of one`)
  return row
}

async function call(
  platform: Platform,
  session: Session | null,
  { method = 'POST', path, headers = {}, body }: RouteCall,
): Promise<RouteAnswer> {
  const text = typeof body === 'string' || body === undefined ? (body ?? '') : JSON.stringify(body)
  const answer = await platform.rest(session, {
    method,
    path: `/api/${scope}/v1/automation${path}`,
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body: text,
  })
  if (answer === null) throw new Error(`no route ${path}`)
  // The two shapes of scripted REST: {result} of the app, {error} of the platform itself.
  const parsed = JSON.parse(answer.body || '{}') as { result?: unknown; error?: unknown }
  const result = (parsed.result ?? {}) as Record<string, unknown>
  const error = (result['error'] ?? parsed.error ?? {}) as RouteAnswer['error']
  return { status: answer.status, result, error }
}

const modules = `${scope}/ticket-automation-app/0.1.0/src/server`

/**
 * Calls one of the app's own functions (`file.ts#name`) inside the platform's engine, as its generated scripts
 * do, and gives what it returned. Arguments and result are plain data.
 */
export async function runInApp(
  app: AppOnInstance,
  target: string,
  args: readonly unknown[],
): Promise<unknown> {
  const [file, name] = target.split('#')
  const script = `const { ${name} } = require('${modules}/${file}');
response.setBody({ value: ${name}.apply(null, JSON.parse(request.body.dataString)) });`
  const result = await runScript(app, { script, body: args })
  return result['value']
}

/** Runs a scheduled script of the app now, whatever its time. */
export async function runJob(app: AppOnInstance, name: string): Promise<void> {
  const job = only(app.rows('sysauto_script', `name=${name}`))
  await runScript(app, { script: job['script'] ?? '', body: [] })
}

/** Runs a script in the app's scope: as the script of a route that is made for it. */
async function runScript(
  app: AppOnInstance,
  { script, body }: { script: string; body: unknown },
): Promise<Record<string, unknown>> {
  const route = app.rows('sys_ws_operation', 'name=Status update')[0]
  const path = `/probe/${createHash('sha256').update(script).digest('hex')}`
  const made = app.platform.insert(app.as('admin'), 'sys_ws_operation', {
    name: 'Probe',
    active: 'true',
    http_method: 'POST',
    operation_uri: `/api/${scope}/v1/automation${path}`,
    web_service_definition: route?.['web_service_definition'] ?? '',
    requires_acl_authorization: 'false',
    sys_scope: route?.['sys_scope'] ?? '',
    operation_script: script,
  })
  if (!made.ok) throw new Error(made.detail ?? made.message)
  const answer = await app.call('admin', { path, body })
  if (answer.status !== 200) throw new Error(JSON.stringify(answer))
  return answer.result
}
