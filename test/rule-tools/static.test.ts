// What the text of templates and receipts alone tells: mistakes, overlaps, differences.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Check, Decision } from '#shared/decision.ts'

import { compileQuery } from '../../connector/matching/encoded-query.ts'
import {
  checkMatchRules,
  checkRule,
  checkTemplateValue,
  ruleFields,
} from '../../connector/rule-tools/check-rules.ts'
import { withoutMasks } from '../../connector/rule-tools/masked-values.ts'
import { findOverlaps } from '../../connector/rule-tools/overlaps.ts'
import { diffDecisions } from '../../connector/rule-tools/receipt-diff.ts'
import { makeEvent, makeTicket, randomHex, testActor } from '../support/events.ts'
import { makeTemplate, publish } from '../support/templates.ts'

const nowhere = new Map()

describe('checking a template', () => {
  it('names every mistake with a pointer and a next step', () => {
    const { problems } = checkTemplateValue(
      {
        name: 'Bad Name',
        title: 'T',
        description: 'D',
        platform: 'local',
        job: 'x',
        match: [{ table: 'incident', when: 'active=true', trigger: ['sometimes'] }],
        'a/b': 1,
      },
      nowhere,
    )

    expect(problems.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/a~1b',
      '/match/0/trigger/0',
      '/name',
    ])
    expect(problems.every(({ reason, hint }) => reason !== '' && hint !== '')).toBe(true)
  })

  it('finds what the schema cannot: parts that do not fit together, and rules nobody can evaluate', () => {
    const good = { name: 'n1', title: 'T', description: 'D', platform: 'local', job: 'x' }
    const rules = [{ table: 'incident', when: 'JOINa.b=c.d!', trigger: ['manual'] }]

    const [mistake] = checkTemplateValue(
      { ...good, match: rules, parameters: [{ name: 'p', type: 'choice', label: 'P' }] },
      nowhere,
    ).problems
    const [rule] = checkTemplateValue({ ...good, match: rules }, nowhere).problems

    expect(mistake).toMatchObject({ pointer: '/parameters/0/type' })
    expect(rule).toMatchObject({
      pointer: '/match/0/when',
      reason: expect.stringMatching(/^UNSUPPORTED: /) as string,
    })
  })

  it('warns of fields that the app does not send', () => {
    const template = makeTemplate({
      match: [{ table: 'incident', when: 'priority=1^u_site=x', trigger: ['created'] }],
    })

    const { problems, warnings } = checkMatchRules(template, nowhere)

    expect(problems).toEqual([])
    expect(warnings).toMatchObject([{ pointer: '/match/0/when' }])
    expect(warnings[0]?.reason).toMatch(/^u_site: /)
    expect(warnings[0]?.hint).toContain('event.extra_fields')
  })

  it('warns of listed targets whose environment nobody looks up', () => {
    const hosts = { name: 'hosts', type: 'string', label: 'Hosts' } as const
    function warned(parameter: object, targets: object): string[] {
      const template = makeTemplate({ parameters: [parameter], targets })
      return checkMatchRules(template, nowhere).warnings.map(({ pointer, reason }) => {
        return `${pointer}: ${reason}`
      })
    }

    expect(warned(hosts, { parameter: 'hosts' })).toEqual([
      `/targets/parameter: whoever runs it types the targets into "hosts", and the environment is judged by the ticket's CI, not by the listed targets`,
    ])
    expect(warned(hosts, { parameter: 'hosts', lookup: true })).toEqual([])
    expect(warned({ ...hosts, editable: false }, { parameter: 'hosts' })).toEqual([])
    expect(warned(hosts, {})).toEqual([])
  })

  it('knows a missing field and a value of the wrong type where the dictionary was read', () => {
    const types = new Map([
      ['priority', 'integer'],
      ['active', 'boolean'],
    ])
    const tables = new Map([['incident', { types, unknown: ['prioritty'] }]])

    const misspelt = checkRule({ table: 'incident', when: 'prioritty=1' }, tables)
    const wrongType = checkRule({ table: 'incident', when: 'priority>high' }, tables)
    const fine = checkRule({ table: 'incident', when: 'priority=1^active=true' }, tables)

    expect(misspelt.problems[0]?.reason).toBe('the table incident has no field prioritty')
    expect(wrongType.problems[0]?.reason).toMatch(/^INVALID: /)
    expect(fine).toEqual({ problems: [], warnings: [] })
  })

  it('refuses what is no table', () => {
    const { problems } = checkRule({ table: 'incident^x', when: 'a=1' }, nowhere)

    expect(problems[0]?.pointer).toBe('/table')
    expect(ruleFields([{ table: 'incident^x', when: 'a=1' }])).toEqual(new Map())
  })
})

describe('overlaps', () => {
  function template(name: string, when: string, more: object = {}) {
    return makeTemplate({
      name,
      match: [{ table: 'incident', when, trigger: ['created'] }],
      ...more,
    })
  }

  it.each([
    ['the same condition', 'active=true^category=disk', 'category=disk^active=true', 'same'],
    ['one more condition', 'category=disk', 'active=true^category=disk', 'wide'],
    ['fewer alternatives', 'priority=1^ORpriority=2', 'priority=2', 'wide'],
    ['a group of several', 'category=disk^NQpriority=1', 'priority=1^active=true', 'wide'],
    ['other conditions', 'category=disk', 'priority=1', null],
    ['the same text as a value of another field', 'category=disk', 'subcategory=disk', null],
    ['groups of which one is outside', 'category=disk', 'category=disk^NQpriority=1', 'narrow'],
    ['a broken rule', 'category~disk', 'category~disk', null],
  ])('%s', (_name, first, second, kind) => {
    const [found] = findOverlaps([template('first', first), template('second', second)])

    const wide = found?.wide.template === 'first' ? 'wide' : 'narrow'
    const seen = found?.same === true ? 'same' : wide
    expect(found === undefined ? null : seen).toBe(kind)
  })

  it.each([
    ['another priority', { priority: 7 }],
    ['another table', { match: [{ table: 'problem', when: 'a=1', trigger: ['created'] }] }],
    ['no trigger in common', { match: [{ table: 'incident', when: 'a=1', trigger: ['updated'] }] }],
    ['triggers of persons', { match: [{ table: 'incident', when: 'a=1', trigger: ['manual'] }] }],
    ['other instances', { instances: ['elsewhere'] }],
    ['only a shadow', { rollout: { mode: 'shadow' } }],
  ])('are not reported for %s', (_name, more) => {
    const first = template('first', 'a=1', { instances: ['here'] })

    expect(findOverlaps([first, template('second', 'a=1', more)])).toEqual([])
  })

  it('are never wrong: whatever the narrow rule matches is matched by the wide one', () => {
    const term = fc.constantFrom('a=1', 'a=2', 'b=1', 'b=2', 'c=1', 'a!=1', 'bISEMPTY')
    const clause = fc.array(term, { minLength: 1, maxLength: 3 }).map((terms) => terms.join('^OR'))
    const group = fc.array(clause, { minLength: 1, maxLength: 3 }).map((all) => all.join('^'))
    const query = fc.array(group, { minLength: 1, maxLength: 3 }).map((all) => all.join('^NQ'))
    const value = fc.constantFrom('', '1', '2')
    const record = fc.record({ a: value, b: value, c: value })
    let reported = 0

    fc.assert(
      fc.property(
        query,
        query,
        fc.array(record, { minLength: 9, maxLength: 27 }),
        (one, other, records) => {
          const [found] = findOverlaps([template('one', one), template('other', other)])
          if (found === undefined) return
          reported += 1
          const types = { a: 'string', b: 'string', c: 'string' }
          const [wide, narrow] = [found.wide, found.narrow].map(({ when }) =>
            compileQuery(when, types),
          )
          if (wide?.ok !== true || narrow?.ok !== true) throw new Error('the queries compile')
          for (const values of records) {
            const matches = narrow.matches(values, {})
            if (matches === true || found.same) expect(wide.matches(values, {})).toBe(matches)
          }
        },
      ),
      { numRuns: 3_000 },
    )

    expect(reported).toBeGreaterThan(100)
  })
})

describe('differences of receipts', () => {
  function decision(
    template: string,
    checks: Check[],
    fits = checks.every((one) => one.passed),
  ): Decision {
    const rule = { table: 'incident', trigger: 'created', when: 'a=1', reason: 'a is "1"' }
    return {
      template,
      version: 1,
      fits,
      summary: '',
      rules: [{ ...rule, outcome: 'matched' }],
      checks,
    }
  }
  const passed = { check: 'approval', passed: true, detail: 'approved' }
  const failed = { check: 'approval', passed: false, detail: 'not approved' }

  it('are a check that turned, a rule that turned, and templates that came and went', () => {
    const before = [
      decision('turned', [failed]),
      decision('gone', [passed]),
      decision('kept', [passed]),
    ]
    const after = [
      decision('turned', [passed]),
      decision('kept', [passed]),
      decision('fresh', [passed]),
    ]

    const diff = diffDecisions(before, after)

    expect(diff.map(({ template, status }) => [template, status])).toEqual([
      ['fresh', 'added'],
      ['gone', 'removed'],
      ['turned', 'changed'],
      ['kept', 'same'],
    ])
    expect(diff[2]?.changes).toEqual([
      { kind: 'check', what: 'approval', before: 'failed', after: 'passed', detail: 'approved' },
    ])
  })

  it('are not other words for a check that passes, nor a new check that passes', () => {
    const before = [decision('one', [passed])]
    const after = [
      decision('one', [
        { ...passed, detail: 'approved by two' },
        { check: 'freeze', passed: true, detail: 'none' },
      ]),
    ]

    expect(diffDecisions(before, after)[0]).toMatchObject({ status: 'same', changes: [] })
  })

  it('are another reason of a check that failed before, and a rule that is no more', () => {
    const old = decision('one', [failed])
    const now = { ...decision('one', [{ ...failed, detail: 'rejected' }]), rules: [] }

    expect(diffDecisions([old], [now])[0]?.changes).toEqual([
      { kind: 'rule', what: 'a=1', before: 'matched', after: null, detail: 'a is "1"' },
      { kind: 'check', what: 'approval', before: 'failed', after: 'failed', detail: 'rejected' },
    ])
  })
})

describe('masked values of a stored request', () => {
  const template = makeTemplate({
    parameters: [
      { name: 'token', type: 'secret', label: 'Token', required: true, min_length: 20 },
      { name: 'path', type: 'string', label: 'Path', pattern: '/[a-z]+' },
    ],
  })

  function request(parameters: Record<string, string>, version = 1) {
    const run = { id: randomHex(), template: template.name, version, parameters }
    const data = { ticket: makeTicket(), actor: testActor, people: {}, run }
    return makeEvent({ type: 'run.requested', data })
  }

  it('count as valid, and only they', () => {
    const event = request({ token: '••••••', path: 'wrong' })

    const { published, notes } = withoutMasks(event, [publish(template)])

    const [token, path] = published[0]?.template.parameters ?? []
    expect(token).toEqual({
      name: 'token',
      label: 'Token',
      type: 'secret',
      required: true,
      editable: true,
    })
    expect(path?.pattern).toBe('/[a-z]+')
    expect(notes).toEqual(['Secret values are not stored; they are taken as valid: Token.'])
  })

  it('leave the version of today confirmed', () => {
    const { event, notes } = withoutMasks(request({ path: '/tmp' }, 3), [publish(template, 5)])

    expect(event).toMatchObject({ data: { run: { version: 5 } } })
    expect(notes).toEqual(['Version 3 was confirmed then; it is judged as if version 5 had been.'])
  })

  it('change nothing of other events', () => {
    const event = makeEvent()
    const templates = [publish(template)]

    expect(withoutMasks(event, templates)).toEqual({ event, published: templates, notes: [] })
  })
})
