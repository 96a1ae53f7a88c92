import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Trigger } from '#shared/job-template.ts'
import type { TicketField } from '#shared/ticket-event.ts'

import { compileQuery } from '../../connector/matching/encoded-query.ts'
import { createRuleIndex } from '../../connector/matching/rules.ts'
import type { Rule, TicketFacts } from '../../connector/matching/rules.ts'

const kinds = {
  category: 'string',
  priority: 'integer',
  active: 'boolean',
  caller_id: 'reference',
  short_description: 'string',
  opened_at: 'glide_date_time',
} as const

function rule(when: string, over: Partial<Rule<string>> = {}): Rule<string> {
  return { table: 'incident', trigger: ['created', 'manual'], when, value: when, ...over }
}

function ticket(
  values: Partial<Record<keyof typeof kinds, string>>,
  over: Partial<TicketFacts> = {},
): TicketFacts {
  const fields: Record<string, TicketField> = {}
  for (const [name, type] of Object.entries(kinds)) {
    const value = values[name as keyof typeof kinds] // keys of kinds
    if (value !== undefined) fields[name] = { type, value }
  }
  return {
    table: 'incident',
    trigger: 'manual',
    fields,
    context: { now: '2026-06-10 12:00:00' },
    ...over,
  }
}

const network = ticket({
  category: 'Network',
  priority: '1',
  active: 'true',
  short_description: 'VPN down',
})

describe('match', () => {
  it('gives the rules that hold, in the order in which they were given', () => {
    const index = createRuleIndex([
      rule('short_descriptionLIKEvpn'),
      rule('category=hardware'),
      rule('priority=1^category=network'),
      rule('category=hardware^NQcategory=network'),
    ])

    const hits = index.match(network)

    expect(hits.map(({ value, outcome }) => [value, outcome])).toEqual([
      ['short_descriptionLIKEvpn', 'matched'],
      ['priority=1^category=network', 'matched'],
      ['category=hardware^NQcategory=network', 'matched'],
    ])
    expect(hits[1]?.reason).toBe('priority is 1, category is "network"')
  })

  it('tries rules of the table and the trigger only', () => {
    const index = createRuleIndex([
      rule('active=true', { table: 'change_request', value: 'other table' }),
      rule('active=true', { trigger: ['updated'], value: 'other trigger' }),
      rule('no_such=1', { trigger: ['updated'], value: 'broken, other trigger' }),
      rule('active=true', { value: 'this one' }),
    ])

    expect(index.match(network).map(({ value }) => value)).toEqual(['this one'])
    expect(index.match({ ...network, trigger: null }).map(({ value }) => value)).toEqual([
      'other trigger',
      'broken, other trigger',
      'this one',
    ])
    expect(index.match({ ...network, table: 'problem' })).toEqual([])
  })

  it('reports a rule that names a field the event does not carry, and never matches it', () => {
    const index = createRuleIndex([
      rule('category=network^u_site=berlin'),
      rule('category=hardware^u_site=x'),
    ])

    expect(index.match(network).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['invalid', '"u_site=berlin": unknown field "u_site"'],
      ['invalid', '"u_site=x": unknown field "u_site"'],
    ])
  })

  it('uses the rule again as soon as the event carries the field', () => {
    const index = createRuleIndex([rule('category=network^u_site=berlin')])
    const fields = { ...network.fields, u_site: { type: 'string', value: 'Berlin' } }

    const outcomes = [network, { ...network, fields }, network].map(
      (one) => index.match(one)[0]?.outcome,
    )

    expect(outcomes).toEqual(['invalid', 'matched', 'invalid'])
  })

  it('compares by the type that travels with the value', () => {
    const index = createRuleIndex([rule('priority=1')])
    const number = { priority: { type: 'integer', value: '01' } }
    const text = { priority: { type: 'string', value: '01' } }

    expect(index.match({ ...network, fields: number })).toHaveLength(1)
    expect(index.match({ ...network, fields: text })).toHaveLength(0)
  })

  it('searches references by what a person sees and compares them by sys_id', () => {
    const index = createRuleIndex([
      rule('caller_idLIKEdon'),
      rule('caller_id=u7'),
      rule('caller_id=Don Goodliffe'),
    ])
    const fields = { caller_id: { type: 'reference', value: 'u7', display: 'Don Goodliffe' } }

    expect(index.match({ ...network, fields }).map(({ value }) => value)).toEqual([
      'caller_idLIKEdon',
      'caller_id=u7',
    ])
  })

  it('reports rules that cannot be decided here', () => {
    const index = createRuleIndex([
      rule('stateVALCHANGES', { when: 'priorityVALCHANGES' }),
      rule('priority>javascript:gs.daysAgo(1)'),
      rule(''),
    ])

    expect(index.match(network).map(({ reason }) => reason)).toEqual([
      'the query asks what changed, and the values before the update are not known here',
      '"priority>javascript:gs.daysAgo(1)": this javascript: expression is not one of those known here',
      'the query has no condition, so it would match every record',
    ])
    const updated = { ...network, context: { previous: { priority: '3' } } }
    expect(index.match(updated)[0]?.outcome).toBe('matched')
  })

  it('finds rules by text of any length, repeated text included', () => {
    const parts = ['v', 'vp', 'vpn', 'vpn ', 'vpn d', 'n down vpn down', 'zzz']
    const index = createRuleIndex(
      parts.map((part) => rule(`short_descriptionLIKE${part}`, { value: part })),
    )

    const hits = index.match(ticket({ short_description: 'VPN down VPN down '.repeat(1_000) }))

    expect(hits.map(({ value }) => value)).toEqual(parts.slice(0, -1))
  })

  it('stays right after more combinations of field types than it keeps', () => {
    const names = Array.from({ length: 7 }, (_, i) => `u_${i}`)
    const index = createRuleIndex(names.map((name) => rule(`${name}=1`)))

    for (let mask = 0; mask < 128; mask += 1) {
      const present = names.filter((_, i) => (mask >> i) % 2 === 1)
      const fields = Object.fromEntries(
        present.map((name) => [name, { type: 'integer', value: '1' }]),
      )
      const matched = index
        .match({ ...network, fields })
        .filter(({ outcome }) => outcome === 'matched')

      expect(matched.map(({ value }) => value)).toEqual(present.map((name) => `${name}=1`))
    }
  })
})

describe('explain', () => {
  it('says for every rule of the table what became of it', () => {
    const index = createRuleIndex([
      rule('category=network'),
      rule('category=hardware^priority=1'),
      rule('category=network', { trigger: ['updated', 'created'] }),
      rule('no_such=1'),
      rule('category=x', { table: 'problem' }),
    ])

    expect(index.explain(network).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['matched', 'category is "network"'],
      ['not_matched', 'it fits when category is "hardware", but category is "Network"'],
      ['not_matched', 'fires on updated, created, not on manual'],
      ['invalid', '"no_such=1": unknown field "no_such"'],
    ])
  })

  it('does not repeat a long description', () => {
    const index = createRuleIndex([rule('short_descriptionLIKEprinter')])

    const [verdict] = index.explain(ticket({ short_description: 'x'.repeat(500_000) }))

    expect(verdict?.reason.length).toBeLessThan(200)
  })
})

const term = fc.oneof(
  fc.constantFrom(
    'short_descriptionLIKEVPN d',
    'short_descriptionSTARTSWITHvpn',
    'short_descriptionENDSWITHn',
    'short_descriptionNOT LIKEvpn',
    'short_descriptionLIKEdown^ORshort_descriptionLIKEpri',
    'short_description=n^ORshort_descriptionLIKEdown',
  ),
  fc.constantFrom(
    'category=network',
    'category=Db',
    'categoryINnetwork,db',
    'categoryISEMPTY',
    'category!=db',
  ),
  fc.constantFrom(
    'priority=1',
    'priority=01',
    'priorityIN1,2',
    'priority=high',
    'priority<3',
    'priority=',
  ),
  fc.constantFrom(
    'active=true',
    'active=1',
    'active=0',
    'active!=true',
    'caller_id=u1',
    'caller_idLIKEann',
  ),
  fc.constantFrom(
    'short_descriptionLIKEvpn',
    'opened_at=2026-06-01',
    'opened_atISEMPTY',
    'no_such=1',
    'bad',
  ),
)
const query = fc
  .array(fc.record({ term, joint: fc.constantFrom('^', '^', '^OR', '^NQ') }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.map(({ term: text, joint }, i) => (i === 0 ? text : joint + text)).join(''))
const triggers: fc.Arbitrary<Trigger[]> = fc.subarray(['manual', 'created', 'updated'], {
  minLength: 1,
})
const rules = fc.array(
  fc.record({ table: fc.constantFrom('incident', 'problem'), trigger: triggers, when: query }),
  {
    maxLength: 40,
  },
)
const values = fc.record(
  {
    category: fc.constantFrom('network', 'NETWORK', 'db', ''),
    priority: fc.constantFrom('1', '2', '01', '', 'x'),
    active: fc.constantFrom('true', '1', 'false', '0', ''),
    caller_id: fc.constantFrom('u1', 'U1', 'ann', ''),
    short_description: fc.constantFrom('VPN down', 'the vpn', 'Printer', 'n', ''),
    opened_at: fc.constantFrom('2026-06-01 00:00:00', '2026-06-01', ''),
  },
  { requiredKeys: [] },
)

describe('properties', () => {
  it('finds exactly what trying every rule by itself finds', () => {
    fc.assert(
      fc.property(rules, fc.array(values, { minLength: 1, maxLength: 4 }), (given, tickets) => {
        const all = given.map((one, value) => ({ ...one, value }))
        const index = createRuleIndex(all)

        for (const facts of tickets.map((one) => ticket(one))) {
          const found = index.match(facts).map(({ value, outcome }) => [value, outcome])

          expect(found).toEqual(bruteForce(all, facts))
          expect(found).toEqual(
            index
              .explain(facts)
              .flatMap((v) => (v.outcome === 'not_matched' ? [] : [[v.value, v.outcome]])),
          )
        }
      }),
      { numRuns: 500 },
    )
  })
})

function bruteForce(all: readonly Rule<number>[], facts: TicketFacts): [number, string][] {
  const entries = Object.entries(facts.fields)
  const types = Object.fromEntries(entries.map(([name, { type }]) => [name, type]))
  const record = Object.fromEntries(entries.map(([name, { value }]) => [name, value]))
  return all.flatMap(({ table, trigger, when, value }): [number, string][] => {
    if (table !== facts.table || (facts.trigger !== null && !trigger.includes(facts.trigger)))
      return []
    const compiled = compileQuery(when, types)
    if (!compiled.ok) return [[value, 'invalid']]
    return compiled.matches(record, facts.context) === true ? [[value, 'matched']] : []
  })
}
