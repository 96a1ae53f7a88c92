// The built app, as an instance would get it: everything refers to something that is shipped, nothing is
// in it that the platform refuses, and nothing that must never leave this repository.
import { readdir, readFile } from 'node:fs/promises'
import { dirname, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

import { beforeAll, describe, expect, it } from 'vitest'

import {
  appScope,
  eventTypes,
  outboxStateChoices,
  phaseChoices,
  runStateChoices,
  triggerChoices,
} from '#shared/vocabulary.ts'

import { ensureAppBuilt } from '../support/app-build.ts'
import { type BuiltRecord, modulesOf, readBuiltRecords } from '../support/built-app.ts'
import { exportsOf, findUnsupported, importsOf, literalArguments } from './engine-check.ts'

const appFolder = new URL('../../now-app/', import.meta.url)

/** Where glue scripts stand: table -> field. */
const scriptFields: Record<string, string> = {
  sys_script: 'script',
  sys_ui_action: 'script',
  sysauto_script: 'script',
  sysevent_script_action: 'script',
  sys_ws_operation: 'operation_script',
}

let records: BuiltRecord[] = []
let modules = new Map<string, string>()

beforeAll(async () => {
  records = await readBuiltRecords(await ensureAppBuilt())
  modules = modulesOf(records)
}, 300_000)

function rows(table: string): Record<string, string>[] {
  return records.filter((record) => record.table === table).map(({ fields }) => fields)
}

function sorted(values: readonly (string | undefined)[]): string[] {
  return values.map(String).sort((left, right) => left.localeCompare(right))
}

function sourceModules(): [string, string][] {
  return [...modules].filter(([path]) => path.endsWith('.ts'))
}

function scripts(): { name: string; code: string }[] {
  return Object.entries(scriptFields).flatMap(([table, field]) =>
    rows(table).map((fields) => ({
      name: `${table} ${fields['name']}`,
      code: fields[field] ?? '',
    })),
  )
}

describe('modules and scripts', () => {
  it('has modules and scripts at all', () => {
    expect(sourceModules().length).toBeGreaterThan(20)
    expect(scripts().length).toBeGreaterThan(12)
  })

  it('imports only what is shipped, by its exact path and with names that exist', () => {
    const dangling: string[] = []
    for (const [path, code] of sourceModules()) {
      for (const { from, names } of importsOf(code)) {
        if (/^@servicenow\/glide(\/sn_ws)?$/.test(from)) continue
        const exported = exportsOf(modules.get(posix.join(dirname(path), from)) ?? '')
        const missing = names.filter((name) => !exported.includes(name))
        if (missing.length > 0 || names.length === 0)
          dangling.push(`${path}: ${missing.join()} of ${from}`)
      }
    }

    expect(dangling).toEqual([])
  })

  it('requires from every script a function that its module exports', () => {
    for (const { name, code } of scripts()) {
      const paths = literalArguments(code, ['require'])
      expect(paths, name).toHaveLength(1)
      const exported = exportsOf(modules.get(paths[0] ?? '') ?? '')
      const called = /const \{ (\w+) \} = require/.exec(code)?.[1]
      expect(exported, name).toContain(called)
    }
  })

  it('uses nothing the engine does not have', () => {
    const problems = [
      ...sourceModules().map(([name, code]) => ({ name, found: findUnsupported(code) })),
      ...scripts().map(({ name, code }) => ({ name, found: findUnsupported(code) })),
    ].filter(({ found }) => found.length > 0)

    expect(problems).toEqual([])
  })

  it.each([
    ['class A { #secret = 1 }', 'private member #secret'],
    ['class A { async go() {} }', 'async class method'],
    ['class A extends Error {}', 'subclass of Error'],
    ['const keys = Reflect.ownKeys({})', 'name Reflect'],
    ["console.log('x')", 'name console'],
    ["new Function('return 1')", 'new Function'],
    ['async function* f() {}', 'async generator'],
    ['const x = /a/d', 'regular expression flag in d'],
    ["import('x')", 'dynamic import'],
    ['setTimeout(f, 1)', 'name setTimeout'],
  ])('would find %s', (code, problem) => {
    expect(findUnsupported(code)).toContain(problem)
  })

  it('does not take a property for a global of the same name', () => {
    expect(findUnsupported('a.process = b.fetch; c({ console: 1 })')).toEqual([])
  })
})

describe('rules on tickets', () => {
  it('has no scripted before or after rule on a table of another scope', () => {
    const foreign = rows('sys_script').filter((rule) => !rule['collection']?.startsWith(appScope))

    expect(foreign.map((rule) => rule['when'])).toEqual(Array(9).fill('async_always'))
  })

  it('guards every ticket rule against the writes of the connector itself', () => {
    const tables = ['incident', 'change_request', 'sc_req_item']
    const rules = rows('sys_script').filter((rule) => tables.includes(rule['collection'] ?? ''))

    expect(sorted(rules.map((rule) => rule['collection']))).toEqual(
      sorted(tables.flatMap((table) => [table, table, table])),
    )
    for (const rule of rules) {
      expect(rule['condition']).toContain('x_snc_ticket_auto.integration_user')
      expect(rule['filter_condition']).not.toBe('')
      // Longest condition the platform stores.
      expect(rule['condition']?.length).toBeLessThan(255)
    }
  })

  it('declares a read privilege for every table of another scope that a script opens', () => {
    const opened = new Set(
      sourceModules().flatMap(([, code]) =>
        literalArguments(code, ['GlideRecord', 'GlideRecordSecure']),
      ),
    )
    const foreign = [...opened].filter((table) => !table.startsWith(appScope))
    const readable = rows('sys_scope_privilege')
      .filter((privilege) => privilege['operation'] === 'read')
      .map((privilege) => privilege['target_name'])

    expect(foreign.length).toBeGreaterThan(0)
    for (const table of [...foreign, 'incident', 'sys_user_has_role', 'sys_user_grmember']) {
      expect(readable).toContain(table)
    }
  })

  it('registers every event it fires, on a queue it ships, with a name of 40 characters or fewer', () => {
    const events = rows('sysevent_register')
    const listened = rows('sysevent_script_action').map((action) => action['event_name'])
    const queues = rows('sysevent_queue').map((queue) => queue['queue'])

    expect(events.map((event) => event['event_name'])).toEqual(listened)
    for (const event of events) {
      expect(event['event_name']?.length).toBeLessThanOrEqual(40)
      expect(queues).toContain(event['queue'])
      const fired = sourceModules().some(([, code]) => code.includes(`'${event['event_name']}'`))
      expect(fired).toBe(true)
    }
  })
})

describe('access', () => {
  it('puts an ACL with a role on every REST route, and authentication before it', () => {
    const operations = rows('sys_ws_operation')
    const withRole = rows('sys_security_acl_role').map((link) => link['sys_security_acl'])

    expect(operations.length).toBeGreaterThan(0)
    for (const operation of operations) {
      expect(operation['requires_authentication'], operation['name']).toBe('true')
      expect(operation['requires_acl_authorization'], operation['name']).toBe('true')
      expect(withRole, operation['name']).toContain(operation['enforce_acl'])
    }
  })

  it('has its routes at exactly the paths of the contract', () => {
    const uris = rows('sys_ws_operation').map(
      (route) => `${route['http_method']} ${route['operation_uri']}`,
    )

    expect(sorted(uris)).toEqual([
      'GET /api/x_snc_ticket_auto/v1/automation/runs/{run_id}',
      'GET /api/x_snc_ticket_auto/v1/automation/tickets/{table}/{sys_id}/preview',
      'POST /api/x_snc_ticket_auto/v1/automation/runs/{run_id}/cancel',
      'POST /api/x_snc_ticket_auto/v1/automation/status-updates',
      'POST /api/x_snc_ticket_auto/v1/automation/templates/sync',
      'POST /api/x_snc_ticket_auto/v1/automation/tickets/{table}/{sys_id}/runs',
    ])
  })

  it('puts a read ACL on every table and a field ACL on every secret', () => {
    const acls = rows('sys_security_acl')
    const names = acls.map((acl) => `${acl['name']} ${acl['operation']}`)
    const secrets = rows('sys_dictionary').filter((field) => field['internal_type'] === 'password2')

    for (const table of rows('sys_db_object')) expect(names).toContain(`${table['name']} read`)
    expect(sorted(secrets.map((field) => field['element']))).toEqual(['secrets', 'signing_secret'])
    for (const field of secrets) {
      expect(names).toContain(`${field['name']}.${field['element']} read`)
      expect(names).toContain(`${field['name']}.${field['element']} write`)
    }
  })

  it("asks nowhere for the platform's own admin role", () => {
    const scopeRoles = rows('sys_user_role').map((role) => role['name'])
    const roleIds = new Set(rows('sys_user_role').map((role) => role['sys_id']))
    const links = [...rows('sys_security_acl_role'), ...rows('sys_ui_action_role')]

    expect(sorted(scopeRoles)).toEqual(
      ['admin', 'agent', 'auditor', 'integration', 'requester'].map(
        (name) => `${appScope}.${name}`,
      ),
    )
    for (const link of links) expect(roleIds).toContain(link['sys_user_role'])
    for (const module of rows('sys_app_module')) {
      expect(module['roles']?.split(',').every((role) => scopeRoles.includes(role))).toBe(true)
    }
  })

  it('ships no secret: no password property, no default of a password field, no connection', () => {
    const types = rows('sys_properties').map((property) => property['type'])
    const secrets = rows('sys_dictionary').filter((field) => field['internal_type'] === 'password2')

    expect(types.filter((type) => type?.startsWith('password'))).toEqual([])
    expect(secrets.map((field) => field['default_value'] ?? '')).toEqual(['', ''])
    expect(rows('x_snc_ticket_auto_connection')).toEqual([])
  })
})

describe('records', () => {
  it('has the record of every key, in its table, and deletes nothing', async () => {
    const keys = await readFile(new URL('src/fluent/generated/keys.ts', appFolder), 'utf8')
    const explicit = keys.slice(keys.indexOf('explicit:'), keys.indexOf('composite:'))
    const entries = [...explicit.matchAll(/'([^']+)': \{\s+table: '(\w+)'\s+id: '(\w+)'/g)]
    const shipped = new Set(records.map((record) => `${record.table} ${record.sysId}`))

    expect(entries.length).toBeGreaterThan(80)
    for (const [, name, table, id] of entries) expect(shipped, name).toContain(`${table} ${id}`)
    expect(explicit).not.toContain('deleted: true')
    expect(records.filter((record) => record.action === 'DELETE')).toEqual([])
  })

  it('has a key for every record its sources declare, and no key beyond them', async () => {
    const folder = fileURLToPath(new URL('src/fluent/', appFolder))
    const files = (await readdir(folder)).filter((name) => name.endsWith('.now.ts'))
    const sources = await Promise.all(files.map((name) => readFile(`${folder}${name}`, 'utf8')))
    const declared = sources.flatMap((code) =>
      [...code.matchAll(/Now\.ID\['([^']+)'\]/g)].map((match) => match[1]),
    )
    const keys = await readFile(`${folder}generated/keys.ts`, 'utf8')
    const explicit = keys.slice(keys.indexOf('explicit:'), keys.indexOf('composite:'))
    const known = [...explicit.matchAll(/^ {20}'?([\w-]+)'?: \{/gm)].map((match) => match[1])
    // Keys of the build's own files.
    const own = known.filter((name) => !/^(bom_json|package_json|src_)/.test(name ?? ''))

    // A UI page is keyed by its endpoint.
    expect(sorted([...own, 'run-page'])).toEqual(sorted(declared))
  })

  it.each([
    ['x_snc_ticket_auto_run', 'state', Object.keys(runStateChoices)],
    ['x_snc_ticket_auto_run', 'phase', Object.keys(phaseChoices)],
    ['x_snc_ticket_auto_run', 'trigger', Object.keys(triggerChoices)],
    ['x_snc_ticket_auto_outbox', 'state', Object.keys(outboxStateChoices)],
    ['x_snc_ticket_auto_outbox', 'event_type', [...eventTypes]],
  ])('offers in %s.%s the words of the contract', (table, element, words) => {
    const choices = rows('sys_choice').filter(
      (choice) => choice['name'] === table && choice['element'] === element && choice['value'],
    )

    expect(choices.map((choice) => choice['value'])).toEqual(words)
  })

  it('ships the script and the style of the run page, which builds no markup from data', async () => {
    const page = rows('sys_ui_page')[0]
    const source = /<script src="\/uxasset\/externals\/([^"?]+)\.jsdbx/.exec(
      page?.['html'] ?? '',
    )?.[1]
    const asset = rows('sys_ux_lib_asset').find((candidate) => candidate['name'] === source)
    const folder = new URL('src/client/run/', appFolder)
    const files = (await readdir(folder)).filter((name) => /\.(ts|html)$/.test(name))
    const sources = await Promise.all(files.map((name) => readFile(new URL(name, folder), 'utf8')))

    expect(page?.['endpoint']).toBe('x_snc_ticket_auto_start.do')
    expect(page?.['direct']).toBe('true')
    expect(asset?.['content']).toContain('color-scheme')
    expect(sources.join('\n')).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/)
    expect(page?.['html']).not.toMatch(/\son\w+=/)
  })
})
