// Keeps the table of job templates the same as the connector's published list.
import { gs, GlideRecord } from '@servicenow/glide'
import type { RESTAPIRequest, RESTAPIResponse } from '@servicenow/glide/sn_ws_int'

import type { PublishedTemplate, TemplateList } from '../../../shared/job-template.ts'
import { callConnector } from './call-connector.ts'
import { nowMs, storedTime } from './clock.ts'
import { activeConnection } from './connection.ts'
import { problemOf } from './connector-answer.ts'
import { type Outcome, refusal, refuse, reply } from './rest-reply.ts'
import { isEnabled } from './settings.ts'
import { isObject } from './text.ts'

const table = 'x_snc_ticket_auto_job_template'
const adminRole = 'x_snc_ticket_auto.admin'

/** What a sync did. */
export interface SyncResult {
  templates: number
  removed: number
}

/** POST templates/sync */
export function postTemplateSync(_request: RESTAPIRequest, response: RESTAPIResponse): void {
  if (!gs.hasRole(adminRole)) {
    refuse(response, {
      status: 403,
      code: 'not_allowed',
      message: `This needs the role ${adminRole}.`,
    })
    return
  }
  const result = syncTemplates()
  if (result.ok) reply(response, 200, result.value)
  else refuse(response, result.refusal)
}

/** Scheduled: the same, with the reason in the log when it fails. */
export function syncTemplatesOnSchedule(): void {
  if (!isEnabled()) return
  const result = syncTemplates()
  if (!result.ok) gs.warn('Ticket Automation: template sync failed: {0}', result.refusal.message)
}

/** Reads the connector's list and makes the table the same; what is gone becomes inactive. */
export function syncTemplates(): Outcome<SyncResult> {
  const active = activeConnection()
  if (!active.ok) return refusal(503, 'connection_unusable', active.reason)
  const call = { method: 'GET', path: '/v1/templates', body: '' } as const
  const answer = callConnector(active.connection, call)
  if (!answer.ok) {
    return refusal(502, 'connector_unreachable', `The connector did not answer: ${answer.reason}`)
  }
  if (answer.status !== 200 || !isTemplateList(answer.json)) {
    const reason = problemOf(answer.json, answer.status)
    return refusal(502, 'connector_refused', `The connector refused the list: ${reason}`)
  }
  const { templates } = answer.json
  for (const template of templates) store(template)
  return { ok: true, value: { templates: templates.length, removed: deactivateMissing(templates) } }
}

/** The active template with this name and version, or null. */
export function findTemplate(name: string, version: number): PublishedTemplate | null {
  const record = new GlideRecord(table)
  record.addQuery('name', name)
  record.addQuery('version', version)
  record.addQuery('active', true)
  record.setLimit(1)
  record.query()
  // Written by store() below from the same type.
  return record.next() ? (JSON.parse(record.getValue('content')) as PublishedTemplate) : null
}

function store(template: PublishedTemplate): void {
  const record = new GlideRecord(table)
  const known = record.get('name', template.name)
  if (!known) {
    record.initialize()
    record.setValue('name', template.name)
  }
  record.setValue('version', template.version)
  record.setValue('title', template.title)
  record.setValue('description', template.description)
  record.setValue('tables', template.tables.join(', '))
  record.setValue('problem', template.problem ?? '')
  record.setValue('digest', template.digest)
  record.setValue('content', JSON.stringify(template))
  record.setValue('active', true)
  record.setValue('synced_at', storedTime(nowMs()))
  if (known) record.update()
  else record.insert()
}

function deactivateMissing(templates: readonly PublishedTemplate[]): number {
  const names = new Set(templates.map((template) => template.name))
  const record = new GlideRecord(table)
  record.addQuery('active', true)
  record.query()
  let removed = 0
  while (record.next()) {
    if (names.has(record.getValue('name'))) continue
    record.setValue('active', false)
    record.update()
    removed += 1
  }
  return removed
}

/** Signed transport, our own connector: the parts that are stored are looked at, no more. */
function isTemplateList(json: unknown): json is TemplateList {
  if (!isObject(json) || !Array.isArray(json['templates'])) return false
  return json['templates'].every(
    (template: unknown) =>
      isObject(template) &&
      typeof template['name'] === 'string' &&
      Number.isInteger(template['version']) &&
      Array.isArray(template['tables']) &&
      Array.isArray(template['parameters']),
  )
}
