// The decision for one event, over real templates and rules but without a database.
import { describe, expect, it } from 'vitest'

import { Decision } from '#shared/decision.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { decide } from './support/deciding.ts'
import { makeEvent, makeTicket, randomHex, testActor } from './support/events.ts'
import { makeTemplate, publish } from './support/templates.ts'

const onCreate = [
  { table: 'incident', when: 'short_descriptionLIKEdisk', trigger: ['created', 'manual'] },
]

function requestEvent(run: object = {}, actor = testActor): TicketEvent {
  const request = {
    id: randomHex(),
    template: 'free-disk-space',
    version: 1,
    parameters: {},
    ...run,
  }
  const data = { ticket: makeTicket(), actor, people: {}, run: request }
  return makeEvent({ type: 'run.requested', data } as Partial<TicketEvent>)
}

describe('a requested run', () => {
  it('is planned when a rule matches and every check passes', async () => {
    const event = requestEvent()

    const { decisions, runs } = await decide(event, [publish(makeTemplate())])

    expect(runs).toHaveLength(1)
    expect(runs[0]?.run).toMatchObject({
      state: 'planned',
      template: 'free-disk-space',
      requested_by: 'beth.anglin',
    })
    expect(runs[0]?.steps).toHaveLength(1)
    expect(decisions[0]).toMatchObject({
      fits: true,
      summary: 'Fits: short description contains "disk".',
    })
    expect(Decision.parse(decisions[0])).toEqual(decisions[0])
  })

  it('is refused with a reason and a next step when no rule matches', async () => {
    const template = makeTemplate({
      match: [{ table: 'incident', when: 'short_descriptionLIKEprinter', trigger: ['manual'] }],
    })

    const { runs } = await decide(requestEvent(), [publish(template)])

    expect(runs[0]?.steps).toEqual([])
    expect(runs[0]?.run.state).toBe('refused')
    expect(runs[0]?.run.message).toContain(
      'it fits when short description contains "printer", but short description is',
    )
  })

  it('is refused when a rule names a field the event does not carry', async () => {
    const template = makeTemplate({
      match: [{ table: 'incident', when: 'u_secret=1', trigger: ['manual'] }],
    })

    const { runs, decisions } = await decide(requestEvent(), [publish(template)])

    expect(runs[0]?.run.state).toBe('refused')
    expect(decisions[0]?.rules[0]).toMatchObject({ outcome: 'invalid' })
    expect(decisions[0]?.rules[0]?.reason).toContain('u_secret')
  })

  it('is refused when another version was confirmed', async () => {
    const { runs } = await decide(requestEvent({ version: 1 }), [publish(makeTemplate(), 2)])

    expect(runs[0]?.run).toMatchObject({ state: 'refused', version: 2 })
    expect(runs[0]?.run.message).toContain(
      'Version 1 was confirmed, but version 2 is published now.',
    )
  })

  it('is refused, and told, when the template does not exist', async () => {
    const { runs } = await decide(requestEvent({ template: 'nope' }), [])

    expect(runs[0]?.run).toMatchObject({ state: 'refused', template: 'nope' })
    expect(runs[0]?.run.message).toContain('There is no job template "nope"')
  })

  it('is refused for a person without the role', async () => {
    const actor = { ...testActor, roles: ['itil'] }

    const { runs } = await decide(requestEvent({}, actor), [publish(makeTemplate())])

    expect(runs[0]?.run.message).toContain('x_snc_ticket_auto.agent')
  })

  it('gets the confirmed values in their types and refuses the wrong ones by label', async () => {
    const template = makeTemplate({
      parameters: [
        { name: 'days', type: 'integer', label: 'Days to keep', min: 1, required: true },
      ],
    })

    const good = await decide(requestEvent({ parameters: { days: 7 } }), [publish(template)])
    const bad = await decide(requestEvent({ parameters: { days: 0 } }), [publish(template)])

    expect(good.runs[0]?.steps[0]?.parameters).toEqual({ days: 7 })
    expect(bad.runs[0]?.run.state).toBe('refused')
    expect(bad.runs[0]?.run.message).toContain('Days to keep')
  })

  it('keeps secrets out of the run and of the stored event', async () => {
    const template = makeTemplate({
      parameters: [{ name: 'token', type: 'secret', label: 'Token' }],
    })

    const decision = await decide(requestEvent({ parameters: { token: 'canary-1234' } }), [
      publish(template),
    ])

    expect(decision.runs[0]?.steps[0]?.parameters).toEqual({ token: 'canary-1234' })
    expect(JSON.stringify(decision.runs[0]?.run)).not.toContain('canary')
    expect(decision.maskedBody).not.toBeNull()
    expect(decision.maskedBody).not.toContain('canary')
  })
})

describe('a rule that fires by itself', () => {
  it('plans the template whose rule matches', async () => {
    const { runs } = await decide(makeEvent(), [publish(makeTemplate({ match: onCreate }))])

    expect(runs[0]?.run).toMatchObject({ state: 'planned', trigger: 'created' })
  })

  it('does nothing, silently, when no rule matches', async () => {
    const { runs, decisions } = await decide(makeEvent(), [publish(makeTemplate())])

    expect({ runs, decisions }).toEqual({ runs: [], decisions: [] })
  })

  it('lets the highest priority win and keeps the receipts of both', async () => {
    const low = publish(makeTemplate({ name: 'low-one', match: onCreate, priority: 10 }))
    const high = publish(makeTemplate({ name: 'high-one', match: onCreate, priority: 20 }))

    const { runs, decisions } = await decide(makeEvent(), [low, high])

    expect(runs.map(({ run }) => run.template)).toEqual(['high-one'])
    expect(decisions.map((decision) => decision.template).toSorted()).toEqual([
      'high-one',
      'low-one',
    ])
  })

  it('runs nothing on a tie and names both', async () => {
    const templates = ['a-one', 'b-one'].map((name) =>
      publish(makeTemplate({ name, title: name, match: onCreate })),
    )

    const { runs } = await decide(makeEvent(), templates)

    expect(runs).toHaveLength(1)
    expect(runs[0]?.run.state).toBe('refused')
    expect(runs[0]?.run.message).toContain('"a-one" and "b-one" fit with the same priority 100')
  })

  it('does not run again for an updated ticket', async () => {
    const match = [{ table: 'incident', when: 'short_descriptionLIKEdisk', trigger: ['updated'] }]
    const earlierRuns = [
      { id: 'a', template: 'free-disk-space', trigger: 'updated', state: 'failed' } as const,
    ]

    const { runs } = await decide(
      makeEvent({ type: 'ticket.updated' }),
      [publish(makeTemplate({ match }))],
      { earlierRuns },
    )

    expect(runs).toEqual([])
  })

  it('tells the ticket when a parameter cannot be filled', async () => {
    const template = makeTemplate({
      match: onCreate,
      parameters: [
        { name: 'host', type: 'string', label: 'Host', required: true, from: 'fields.cmdb_ci' },
      ],
    })

    const { runs } = await decide(makeEvent(), [publish(template)])

    expect(runs[0]?.run).toMatchObject({ state: 'refused', trigger: 'created' })
    expect(runs[0]?.run.message).toContain('Host')
  })

  it('gives the same run id when the same event is decided again', async () => {
    const event = makeEvent()
    const templates = [publish(makeTemplate({ match: onCreate }))]

    const [first, second] = [await decide(event, templates), await decide(event, templates)]

    expect(first.runs[0]?.run.id).toBe(second.runs[0]?.run.id)
  })
})

describe('what a refused request leaves behind', () => {
  const old = makeTemplate({ parameters: [{ name: 'api_token', type: 'secret', label: 'Token' }] })

  it('holds no value of a name the published version does not know', async () => {
    const parameters = { password: 'canary-1234', api_token: 'canary-5678' }

    const decision = await decide(requestEvent({ version: 1, parameters }), [publish(old, 2)])

    expect(decision.runs[0]?.run.state).toBe('refused')
    expect(JSON.stringify(decision.runs)).not.toContain('canary')
    expect(decision.maskedBody).not.toBeNull()
    expect(decision.maskedBody).not.toContain('canary')
  })

  it('holds no value at all when the template does not exist', async () => {
    const decision = await decide(
      requestEvent({ template: 'nope', parameters: { password: 'canary-1234' } }),
      [],
    )

    expect(decision.maskedBody).not.toBeNull()
    expect(JSON.stringify(decision)).not.toContain('canary')
  })

  it('is told once per ticket when a rule could not start', async () => {
    const template = makeTemplate({
      match: [{ table: 'incident', when: 'short_descriptionLIKEdisk', trigger: ['updated'] }],
      parameters: [
        { name: 'host', type: 'string', label: 'Host', required: true, from: 'fields.cmdb_ci' },
      ],
    })
    const earlierRuns = [
      { id: 'a', template: template.name, trigger: 'updated', state: 'refused' } as const,
    ]

    const first = await decide(makeEvent({ type: 'ticket.updated' }), [publish(template)])
    const second = await decide(makeEvent({ type: 'ticket.updated' }), [publish(template)], {
      earlierRuns,
    })

    expect(first.runs).toHaveLength(1)
    expect(second.runs).toEqual([])
    expect(second.decisions).toHaveLength(1)
  })

  it('asks for the role on a requested item too: only the catalog itself could order', async () => {
    const event = requestEvent({}, { ...testActor, roles: [] })
    event.data.ticket.table = 'sc_req_item'
    event.subject = `sc_req_item/${event.data.ticket.number}`
    const match = [{ table: 'sc_req_item', when: 'active=true', trigger: ['manual', 'ordered'] }]

    const { runs } = await decide(event, [publish(makeTemplate({ match }))])

    expect(runs[0]?.run.state).toBe('refused')
    expect(runs[0]?.run.message).toContain('x_snc_ticket_auto.agent')
  })
})

describe('cancelling', () => {
  const open = {
    id: 'b'.repeat(32),
    template: 'free-disk-space',
    trigger: 'manual',
    state: 'running',
  } as const

  it('a person cancels a run of this ticket, with the reason', async () => {
    const data = { ...makeEvent().data, run: { id: open.id, reason: 'wrong host' } }
    const event = makeEvent({ type: 'run.cancel_requested', data } as Partial<TicketEvent>)

    const { cancels } = await decide(event, [], { earlierRuns: [open] })

    expect(cancels).toEqual([{ id: open.id, reason: 'Cancelled by beth.anglin: wrong host' }])
  })

  it('a run of another ticket is not cancelled, and the admin can see why', async () => {
    const data = { ...makeEvent().data, run: { id: open.id, reason: '' } }
    const event = makeEvent({ type: 'run.cancel_requested', data } as Partial<TicketEvent>)

    const { cancels, problem } = await decide(event, [])

    expect(cancels).toEqual([])
    expect(problem).toContain(open.id)
  })
})
