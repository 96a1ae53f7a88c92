import { describe, expect, it } from 'vitest'

import type { Ticket } from '#shared/ticket-event.ts'

import { ConnectorError } from '../../connector/errors.ts'
import { readFailure } from '../../connector/itsm/access.ts'
import { defaultPolicy } from '../../connector/policy.ts'
import { explainTicket } from '../../connector/rule-tools/explain.ts'
import type { WeighFacts } from '../../connector/weigh.ts'
import { testActor } from '../support/events.ts'
import { makeTemplate, publish } from '../support/templates.ts'

const facts: WeighFacts = {
  instance: 'acme',
  earlierRuns: [],
  targetRuns: () => Promise.resolve([]),
  policy: defaultPolicy,
  now: new Date('2026-06-10T12:00:00Z'),
}

const item: Ticket = {
  table: 'sc_req_item',
  sys_id: 'a'.repeat(32),
  number: 'RITM0010001',
  fields: {
    state: { type: 'integer', value: '1', display: 'Open' },
    active: { type: 'boolean', value: 'true' },
    cat_item: { type: 'reference', value: 'b'.repeat(32), display: 'New VM' },
    'cat_item.name': { type: 'string', value: 'New VM' },
  },
}

function template(name: string, trigger: string[], more: object = {}) {
  const match = [{ table: 'sc_req_item', when: 'active=true', trigger }]
  return publish(makeTemplate({ name, match, ...more }))
}

describe('an explanation', () => {
  it('lets rules on created and on ordered compete, as an order does', async () => {
    const templates = [
      template('any-item', ['created'], { priority: 900 }),
      template('new-vm', ['ordered'], { catalog: { items: ['New VM'] } }),
    ]

    const { verdicts } = await explainTicket(
      { ticket: item, actor: testActor, people: {} },
      templates,
      facts,
    )

    // The bound one wins, whatever the priority.
    expect(verdicts).toEqual([{ trigger: 'created', outcome: 'runs', templates: ['new-vm'] }])
  })

  it('does not let a template tie with itself', async () => {
    const both = template('both', ['created', 'ordered'])

    const { verdicts, receipts } = await explainTicket(
      { ticket: item, actor: testActor, people: {} },
      [both],
      facts,
    )

    expect(verdicts).toEqual([{ trigger: 'created', outcome: 'runs', templates: ['both'] }])
    expect(receipts.map(({ trigger }) => trigger).toSorted()).toEqual(['created', 'ordered'])
  })

  it('offers by hand what fits the person, and never shows a secret', async () => {
    const byHand = template('by-hand', ['manual'], {
      parameters: [{ name: 'token', type: 'secret', label: 'Token' }],
    })
    const others = template('others', ['manual'], { permissions: { users: ['somebody.else'] } })

    const { verdicts, receipts } = await explainTicket(
      { ticket: item, actor: testActor, people: {} },
      [byHand, others],
      facts,
    )

    expect(verdicts).toEqual([{ trigger: 'manual', outcome: 'offers', templates: ['by-hand'] }])
    expect(receipts.map(({ name }) => name)).toEqual(['by-hand', 'others'])
  })
})

describe('an instance that cannot be read', () => {
  const instance = { name: 'acme', url: 'https://acme.service-now.com' }

  it.each([
    ['instance_auth', 'GET table incident: 403', /role sn_incident_read/],
    ['instance_auth', 'GET table sys_dictionary: 403', /role personalize_dictionary/],
    ['instance_auth', 'GET table u_own: 403', /the role that reads u_own/],
    ['instance_auth', 'POST https://acme/oauth_token.do: 401', /client id and secret/],
    ['instance_unreachable', 'GET https://acme: ENOTFOUND', /may this machine reach it/],
    ['instance_rate_limited', 'GET table incident: 429', /look for fewer days/],
    ['instance_bad_answer', 'GET table incident: 200 <html>', /the instance itself\?/],
  ] as const)('%s: %s names the next step', (code, message, hint) => {
    const text = readFailure(new ConnectorError(code, message), instance)

    expect(text).toContain(`${message}\n→ `)
    expect(text).toMatch(hint)
  })

  it('leaves other errors as they are', () => {
    expect(readFailure(new Error('no such ticket'), instance)).toBe('no such ticket')
  })
})
