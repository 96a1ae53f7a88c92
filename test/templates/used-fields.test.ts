// What a template rests on, and what counts as a change of it. That nothing is overlooked is proved against
// JSONata itself: facts that record what an expression looks at.
import jsonata from 'jsonata'
import { describe, expect, it } from 'vitest'

import type { Ticket } from '#shared/ticket-event.ts'

import { readsOf } from '../../connector/templates/expression-reads.ts'
import { changedFields, usedFields } from '../../connector/templates/used-fields.ts'
import { makeTicket } from '../support/events.ts'
import { makeTemplate } from '../support/templates.ts'

const expressions = [
  'fields.short_description',
  'fields.`cmdb_ci.name` & " " & display.state',
  '$lookup(fields, "cmdb_ci.name")',
  '$substringBefore($lookup(display, "cmdb_ci.name"), ".")',
  '$$.fields.category',
  '$.fields.category',
  'fields[category = "a"].state',
  'fields.(category & state)',
  '*',
  '**.category',
  '($f := fields; $f.category)',
  '{"a": fields.category, "b": [variables.size]}',
  '$map(["a", "b"], function($v) { $v & fields.category })',
  'fields{category: state}',
  'ticket.($$.fields.category)',
  'ticket[$$.variables.size = "9"].number',
  'variables.size ? display.state : "none"',
  '$exists(fields.category) and fields.state in ["1"]',
  'ticket.$lookup($$.fields, "category")',
  'fields.category ~> $uppercase()',
  '$merge([fields, variables]).size',
  '(fields.category & variables.size).x',
  '$keys(fields)',
  '$each(variables, function($v, $k) { $k & $v })',
  'people.requested_by.user_name',
  '"constant"',
]

/** Runs the expression over facts that write down which names below which root it asks for. */
async function looksAt(expression: string): Promise<string[]> {
  const seen = new Set<string>()
  function watched(root: string, values: object): object {
    return new Proxy(values, {
      get(target, key, receiver) {
        if (typeof key === 'string' && Object.hasOwn(target, key)) seen.add(`${root}.${key}`)
        return Reflect.get(target, key, receiver)
      },
    })
  }
  await jsonata(expression).evaluate({
    ticket: watched('ticket', { number: 'INC1', table: 'incident' }),
    fields: watched('fields', { category: 'a', state: '1', 'cmdb_ci.name': 'web.01' }),
    display: watched('display', { category: 'A', state: 'New', 'cmdb_ci.name': 'web.01' }),
    variables: watched('variables', { size: '9' }),
    people: watched('people', { requested_by: { user_name: 'beth' } }),
  })
  return [...seen]
}

describe('what an expression reads', () => {
  it.each(expressions)('leaves nothing out: %s', async (expression) => {
    const reads = readsOf(jsonata(expression).ast())

    const overlooked = (await looksAt(expression)).filter((seen) => {
      const [root = '', name] = [seen.split('.', 1)[0], seen.slice(seen.indexOf('.') + 1)]
      return !reads.some(
        (read) =>
          (read.root ?? root) === root && (read.root === null || (read.name ?? name) === name),
      )
    })

    expect(overlooked).toEqual([])
  })

  it.each([
    ['fields.category', [{ root: 'fields', name: 'category' }]],
    ['$lookup(fields, "cmdb_ci.name")', [{ root: 'fields', name: 'cmdb_ci.name' }]],
    ['$$.variables.size', [{ root: 'variables', name: 'size' }]],
    ['fields.category & "x"', [{ root: 'fields', name: 'category' }]],
    ['"constant"', []],
  ])('is as narrow as its text allows: %s', (expression, reads) => {
    expect(readsOf(jsonata(expression).ast())).toEqual(reads)
  })
})

function ticket(
  fields: Record<string, string>,
  parts: { variables?: Record<string, string>; affected?: string[]; display?: string } = {},
): Ticket {
  const shown = parts.display === undefined ? {} : { display: parts.display }
  function typed(values: Record<string, string>): Ticket['fields'] {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, { type: 'string', value, ...shown }]),
    )
  }
  const { affected } = parts
  return {
    ...makeTicket('0123456789abcdef0123456789abcdef'),
    fields: typed(fields),
    variables: typed(parts.variables ?? {}),
    ...(affected === undefined
      ? {}
      : { affected: { cis: affected, services: [], complete: true } }),
  }
}

const rules = [{ when: 'short_descriptionLIKEdisk^category=a^ORu_aSAMEASu_b' }]

function changed(
  overrides: Record<string, unknown>,
  before: Ticket,
  after: Ticket,
  use: { table?: string; trigger?: 'manual' | 'created' } = {},
): string[] {
  const used = usedFields(makeTemplate(overrides), {
    table: use.table ?? 'incident',
    trigger: use.trigger ?? 'manual',
    rules,
  })
  return changedFields(used, before, after)
}

function from(expression: string): Record<string, unknown> {
  return { parameters: [{ name: 'p', type: 'string', label: 'P', from: expression }] }
}

describe('what counts as a change', () => {
  it.each([
    ['a field of a rule', {}, { category: 'a' }, { category: 'b' }, ['category']],
    ['a field a rule compares with', {}, { u_b: '1' }, { u_b: '2' }, ['u_b']],
    ['a field a parameter comes from', from('fields.u_x'), { u_x: '1' }, {}, ['u_x']],
    [
      'a person a parameter comes from',
      from('people.requested_by.user_name'),
      {},
      { caller_id: 'x' },
      ['caller_id'],
    ],
    ['the approval', {}, {}, { approval: 'rejected' }, ['approval']],
    [
      'the field of the environment',
      { environment: { field: 'u_env' } },
      { u_env: 'a' },
      { u_env: 'b' },
      ['u_env'],
    ],
    [
      'the item a limit counts by',
      { limits: { cooldown: '1h' } },
      {},
      { cmdb_ci: 'x' },
      ['cmdb_ci'],
    ],
    [
      'the environment of the item, which decides where nothing is said of it',
      {},
      { 'cmdb_ci.environment': 'Test' },
      { 'cmdb_ci.environment': 'Production' },
      ['cmdb_ci.environment'],
    ],
    [
      'what a service is used for, which stands in for its environment',
      { environment: { allow: { test: {} } } },
      { 'cmdb_ci.used_for': 'Test' },
      { 'cmdb_ci.used_for': 'Production' },
      ['cmdb_ci.used_for'],
    ],
    [
      'any field where an expression may look at any',
      from('$keys(fields)'),
      {},
      { u_any: '1' },
      ['u_any'],
    ],
  ] as const)('%s', (_, template, before, after, expected) => {
    expect(changed(template, ticket(before), ticket(after))).toEqual(expected)
  })

  it.each([
    ['the state', {}, { state: '1' }, { state: '2' }],
    ['a field nobody reads', {}, {}, { u_other: 'x' }],
    ['the assignment', {}, {}, { assignment_group: 'x', assigned_to: 'y' }],
    [
      'bookkeeping where an expression may look at any field',
      from('$keys(fields)'),
      {},
      { sys_updated_on: 'x', state: '2', incident_state: '2', close_notes: 'x' },
    ],
    [
      'the item when the targets are in a parameter',
      { ...from('"a"'), targets: { parameter: 'p' } },
      {},
      { cmdb_ci: 'x' },
    ],
    ['the dates of an incident', {}, {}, { start_date: 'x' }],
    [
      'the environment of the item when another field says it',
      { environment: { field: 'u_env' } },
      { 'cmdb_ci.environment': 'Test' },
      { 'cmdb_ci.environment': 'Production' },
    ],
  ] as const)('not %s', (_, template, before, after) => {
    expect(changed(template, ticket(before), ticket(after))).toEqual([])
  })

  it('the window, the type and the item of a change', () => {
    const after = ticket({ start_date: '1', end_date: '2', type: 'normal', cmdb_ci: 'x' })

    const names = changed({}, ticket({}), after, { table: 'change_request' })

    expect(names).toEqual(['cmdb_ci', 'end_date', 'start_date', 'type'])
  })

  it('the shown value only where an expression reads it', () => {
    const before = ticket({ cmdb_ci: '1' }, { display: 'web-01' })
    const after = ticket({ cmdb_ci: '1' }, { display: 'web-02' })

    expect(changed(from('display.cmdb_ci'), before, after)).toEqual(['cmdb_ci'])
    expect(changed(from('fields.cmdb_ci'), before, after)).toEqual([])
  })

  it('a variable that is read, and the order of affected items not at all', () => {
    const radius = { blast_radius: { cis: { refuse_above: 3 } } }
    const before = ticket({}, { variables: { size: '1', other: '1' }, affected: ['a', 'b'] })
    const after = ticket({}, { variables: { size: '2', other: '2' }, affected: ['b', 'a'] })
    const more = ticket({}, { variables: { size: '2' }, affected: ['b', 'a', 'c'] })

    expect(changed({ ...from('variables.size'), ...radius }, before, after)).toEqual(['size'])
    expect(changed(radius, after, more)).toEqual(['affected'])
  })

  it('the group of the ticket, for a canary by groups that nobody started by hand', () => {
    const rollout = { rollout: { mode: 'canary', groups: ['Unix'] } }
    const after = ticket({ assignment_group: 'x' })

    expect(changed(rollout, ticket({}), after, { trigger: 'created' })).toEqual([
      'assignment_group',
    ])
    expect(changed(rollout, ticket({}), after)).toEqual([])
  })
})
