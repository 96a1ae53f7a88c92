// What a new ticket starts by itself: which of several templates, ordered items, and hand-over when nothing fits.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Decision } from '#shared/decision.ts'
import type { Classification } from '#shared/preview.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import type { DecideFacts } from '../connector/event-decision.ts'
import { Policy } from '../connector/policy.ts'
import { handOverTemplate } from '../connector/processes/hand-over.ts'
import type { PublishedVersion } from '../connector/templates/registry.ts'
import { changeWith } from './support/checks.ts'
import { decide, orderEvent } from './support/deciding.ts'
import type { Order } from './support/deciding.ts'
import { makeEvent, makeTicket, testActor } from './support/events.ts'
import { makeTemplate, publish } from './support/templates.ts'

const onOrder = [{ table: 'sc_req_item', when: 'active=true', trigger: ['ordered'] }]

function orderTemplate(name: string, overrides: Record<string, unknown> = {}): PublishedVersion {
  return publish(makeTemplate({ name, title: name, match: onOrder, ...overrides }))
}

describe('an ordered item', () => {
  it('starts the template that names it, for the person who ordered, without the role of an agent', async () => {
    const template = orderTemplate('new-vm', { catalog: { items: ['New virtual machine'] } })

    const { runs, decisions } = await decide(orderEvent(), [template])

    expect(runs).toHaveLength(1)
    expect(runs[0]?.run).toMatchObject({
      state: 'planned',
      trigger: 'ordered',
      template: 'new-vm',
      requested_by: 'joe.employee',
    })
    expect(decisions[0]?.checks).toContainEqual(
      expect.objectContaining({ check: 'catalog-binding', passed: true }),
    )
  })

  it('fires rules for created and for ordered, and a template with both only once', async () => {
    const both = [{ ...onOrder[0], trigger: ['created', 'ordered', 'updated'] }]
    const created = [{ ...onOrder[0], trigger: ['created'] }]

    const one = await decide(orderEvent(), [orderTemplate('both-of-them', { match: both })])
    const other = await decide(orderEvent(), [orderTemplate('created-only', { match: created })])

    expect(one.runs.map(({ run }) => [run.state, run.trigger])).toEqual([['planned', 'ordered']])
    expect(one.decisions).toHaveLength(1)
    expect(other.runs.map(({ run }) => [run.state, run.trigger])).toEqual([['planned', 'created']])
  })

  it('that waits for its approval is refused once, and starts when it is given, if the rule asks for updates', async () => {
    const match = [{ ...onOrder[0], trigger: ['ordered', 'updated'] }]
    const template = orderTemplate('new-vm', { match, approval: 'required' })
    function at(approval: string): TicketEvent {
      return orderEvent({ fields: { approval: { type: 'string', value: approval } } })
    }
    const updated = { type: 'ticket.updated' } as const

    const ordered = await decide(at('not requested'), [template])
    const [told] = ordered.runs
    if (told === undefined) throw new Error('nothing was told')
    const facts = { earlierRuns: [told.run] }
    const waiting = await decide({ ...at('requested'), ...updated }, [template], facts)
    const approved = await decide({ ...at('approved'), ...updated }, [template], facts)

    expect(told.run).toMatchObject({ state: 'refused', trigger: 'ordered' })
    expect(told.run.message).toContain('"new-vm" needs approval')
    expect(waiting.runs).toEqual([])
    expect(approved.runs.map(({ run }) => [run.state, run.trigger])).toEqual([
      ['planned', 'updated'],
    ])
  })

  it('is not held up by a broken rule for one trigger when the other matches', async () => {
    const match = [
      { table: 'sc_req_item', when: 'u_nobody_sent=1', trigger: ['ordered'] },
      { table: 'sc_req_item', when: 'active=true', trigger: ['created'] },
    ]

    const { runs } = await decide(orderEvent(), [orderTemplate('half-broken', { match })])

    expect(runs.map(({ run }) => [run.state, run.trigger])).toEqual([['planned', 'created']])
  })

  it.each([
    ['an item', { items: ['New virtual machine'] }, { categories: ['Hardware'] }],
    ['a category', { categories: ['Hardware'] }, { titles: ['New virtual machine'] }],
    ['an equal title', { titles: ['New virtual machine'] }, { titles: ['New virtaul machine'] }],
    ['a title alike', { titles: ['New virtual machines'] }, undefined],
  ])('goes to %s before what is bound weaker, whatever its priority', async (_, strong, weak) => {
    const templates = [
      orderTemplate('weak-one', {
        priority: 900,
        ...(weak === undefined ? {} : { catalog: weak }),
      }),
      orderTemplate('strong-one', { priority: 1, catalog: strong }),
    ]

    const { runs } = await decide(orderEvent(), templates)

    expect(runs.map(({ run }) => [run.template, run.state])).toEqual([['strong-one', 'planned']])
  })

  it('goes to the highest priority among equally strong ones, and to none on a tie', async () => {
    const catalog = { items: ['New virtual machine'] }
    const low = orderTemplate('low-one', { catalog, priority: 10 })
    const high = orderTemplate('high-one', { catalog, priority: 20 })
    const other = orderTemplate('other-one', { catalog, priority: 20 })

    const won = await decide(orderEvent(), [low, high])
    const tied = await decide(orderEvent(), [low, high, other])

    expect(won.runs.map(({ run }) => run.template)).toEqual(['high-one'])
    expect(tied.runs.map(({ run }) => run.state)).toEqual(['refused'])
    expect(tied.runs[0]?.run.message).toContain(
      '"high-one" and "other-one" fit with the same priority 20',
    )
  })

  it('is refused, and not handed over, when a value it needs is missing', async () => {
    const template = orderTemplate('new-vm', {
      catalog: { items: ['New virtual machine'] },
      parameters: [
        {
          name: 'cpu',
          type: 'integer',
          label: 'Number of CPUs',
          required: true,
          from: 'variables.cpu',
        },
      ],
    })

    const { runs } = await decide(orderEvent({ variables: {} }), [template])

    expect(runs.map(({ run }) => [run.template, run.state])).toEqual([['new-vm', 'refused']])
    expect(runs[0]?.run.message).toContain('"Number of CPUs" is required')
  })
})

describe('an ordered item that nothing fits', () => {
  const named = { catalog: { items: ['Toner'] } }

  it('is handed over once, with the reason of each template in the receipt', async () => {
    const event = orderEvent()

    const { runs, decisions } = await decide(event, [orderTemplate('toner', named)])

    expect(runs).toHaveLength(1)
    expect(runs[0]?.steps).toEqual([])
    expect(runs[0]?.run).toMatchObject({
      state: 'refused',
      template: handOverTemplate,
      trigger: 'ordered',
    })
    const receipt = runs[0]?.run.decision
    expect(Decision.parse(receipt)).toEqual(receipt)
    expect(decisions).toContainEqual(receipt)
    expect(receipt?.checks.map(({ check }) => check)).toEqual([
      'automation-fits',
      'catalog-binding',
    ])
    expect(receipt?.checks[1]?.detail).toBe(
      '"toner" does not fulfil it: nothing in the template is like the item "New virtual machine".',
    )
    const again = await decide(event, [orderTemplate('toner', named)])
    expect(again.runs[0]?.run.id).toBe(runs[0]?.run.id)
  })

  it('is told of a template whose title is only alike, for a person to start', async () => {
    const match = [{ ...onOrder[0], trigger: ['ordered', 'manual'] }]
    const template = orderTemplate('vm', {
      title: 'VM',
      match,
      catalog: { titles: ['Virtual machine'] },
    })

    const { runs } = await decide(orderEvent(), [template])

    expect(runs[0]?.run.template).toBe(handOverTemplate)
    expect(runs[0]?.run.message).toMatch(
      /VM: The item "New virtual machine" is \d\d % like "Virtual machine"/,
    )
  })

  const closed: Order = { fields: { active: { type: 'boolean', value: 'false' } } }
  const failed = { id: 'a'.repeat(32), template: 'x', trigger: 'manual', state: 'failed' } as const
  const never = Policy.parse({ hand_over: { sc_req_item: { note: 'never' } } })

  it.each<{
    when: string
    templates?: PublishedVersion[]
    order?: Order
    facts?: Partial<DecideFacts>
  }>([
    { when: 'nothing is meant for orders at all', templates: [publish(makeTemplate())] },
    { when: 'it has a run already', facts: { earlierRuns: [failed] } },
    { when: 'it is closed', order: closed },
    { when: 'the policy says never', facts: { policy: never } },
  ])('is left alone when $when', async ({ templates, order, facts }) => {
    const { runs } = await decide(
      orderEvent(order),
      templates ?? [orderTemplate('toner', named)],
      facts,
    )

    expect(runs).toEqual([])
  })

  it('is not handed over again when it is updated', async () => {
    const { data, subject } = orderEvent()
    const event = makeEvent({ type: 'ticket.updated', data, subject })

    expect((await decide(event, [orderTemplate('toner', named)])).runs).toEqual([])
  })
})

describe('an order whose approval is open', () => {
  const whenApproved = [
    {
      table: 'sc_req_item',
      when: 'active=true^approval=approved',
      trigger: ['ordered', 'updated'],
    },
  ]
  const toner = orderTemplate('toner', { catalog: { items: ['Toner'] } })
  const vm = orderTemplate('new-vm', {
    match: whenApproved,
    catalog: { items: ['New virtual machine'] },
  })

  function at(approval: string): TicketEvent {
    return orderEvent({ fields: { approval: { type: 'string', value: approval } } })
  }

  function updated(approval: string): TicketEvent {
    const { data, subject } = at(approval)
    return makeEvent({ type: 'ticket.updated', data, subject })
  }

  function createdWith(approval: string): Partial<DecideFacts> {
    return { createdAs: () => Promise.resolve(at(approval).data.ticket) }
  }

  const onUpdate = [{ table: 'sc_req_item', when: 'active=true', trigger: ['updated'] }]
  const asksForIt = orderTemplate('later', { match: onUpdate, approval: 'required' })
  const elsewhere = orderTemplate('elsewhere', {
    match: whenApproved,
    catalog: { items: ['Toner'] },
  })

  it.each([
    ['requested', 'nothing fits', [toner], false],
    ['requested', 'a rule fits once it is approved', [vm], false],
    ['not requested', 'a rule fits once it is approved', [vm], false],
    ['not requested', 'a template asks for approval', [toner, asksForIt], false],
    ['not requested', 'only another item gets approval', [elsewhere], true],
    ['not requested', 'nothing asks for approval', [toner], true],
    ['not_required', 'a rule fits once it is approved', [vm], true],
    ['rejected', 'nothing fits', [toner], false],
  ])('is new with approval "%s" when %s: handed over %s', async (approval, _, templates, is) => {
    const { runs } = await decide(at(approval), templates)

    expect(runs.map(({ run }) => run.template)).toEqual(is ? [handOverTemplate] : [])
  })

  it('is fulfilled when the approval is given and the rule fits', async () => {
    const { runs } = await decide(updated('approved'), [vm, toner], createdWith('requested'))

    expect(runs.map(({ run }) => [run.template, run.state])).toEqual([['new-vm', 'planned']])
  })

  it('is handed over once when the approval is given and still nothing fits', async () => {
    const facts = createdWith('requested')

    const first = await decide(updated('approved'), [toner], facts)

    const [told] = first.runs
    expect(told?.run).toMatchObject({
      template: handOverTemplate,
      trigger: 'updated',
      state: 'refused',
    })
    if (told === undefined) throw new Error('nothing was told')
    const second = await decide(updated('approved'), [toner], { ...facts, earlierRuns: [told.run] })
    expect(second.runs).toEqual([])
  })

  it.each([
    ['is rejected', 'rejected', createdWith('requested')],
    ['still waits', 'requested', createdWith('not requested')],
    ['came approved', 'approved', createdWith('approved')],
    ['came before the connector', 'approved', {}],
  ])('is left alone by an update when it %s', async (_, approval, facts) => {
    expect((await decide(updated(approval), [toner], facts)).runs).toEqual([])
  })
})

describe('a change whose rule fires before it is scheduled', () => {
  const match = [{ table: 'change_request', when: 'active=true', trigger: ['created', 'updated'] }]
  const patch = publish(makeTemplate({ name: 'patch', match }))

  function at(type: 'ticket.created' | 'ticket.updated', state: string): TicketEvent {
    const ticket = changeWith({ type: 'standard', state })
    const data = { ticket, actor: testActor, people: {} }
    return makeEvent({ type, subject: `change_request/${ticket.number}`, data })
  }

  it('starts when it is, and hears nothing before that', async () => {
    const early = await decide(at('ticket.created', '-5'), [patch])
    const scheduled = await decide(at('ticket.updated', '-2'), [patch])

    expect(early.runs).toEqual([])
    expect(early.decisions[0]).toMatchObject({
      fits: false,
      summary: expect.stringContaining('Move it to Scheduled first.'),
    })
    expect(scheduled.runs.map(({ run }) => run.state)).toEqual(['planned'])
  })
})

describe('a rule that matches in production, where it may not start', () => {
  const match = [{ table: 'incident', when: 'active=true', trigger: ['created', 'updated'] }]
  const needsHost = {
    parameters: [{ name: 'host', type: 'string', label: 'Host', required: true }],
  }
  const production = { 'cmdb_ci.environment': { type: 'string', value: 'production' } }

  function inProduction(type: TicketEvent['type']): TicketEvent {
    const ticket = makeTicket()
    const data = {
      ticket: { ...ticket, fields: { ...ticket.fields, ...production } },
      actor: testActor,
      people: {},
    }
    return makeEvent({ type, data })
  }

  it.each([
    ['says nothing of environments', {}, 0],
    ['allows other environments', { environment: { allow: { test: {} } } }, 1],
    ['wants a person there', { environment: { allow: { production: {} } } }, 1],
    ['says nothing of them, but lacks a value, too', needsHost, 1],
  ])('leaves a receipt; of a template that %s, notes: %j %i', async (_, more, notes) => {
    const template = publish(makeTemplate({ match, ...more }))

    for (const type of ['ticket.created', 'ticket.updated'] as const) {
      const { runs, decisions } = await decide(inProduction(type), [template])

      expect(runs).toHaveLength(notes)
      expect(decisions.map(({ fits }) => fits)).toEqual([false])
      expect(decisions[0]?.checks).toContainEqual(
        expect.objectContaining({ check: 'environment-permission', passed: false }),
      )
    }
  })

  it('tells whoever ordered', async () => {
    const { runs } = await decide(orderEvent({ fields: production }), [orderTemplate('new-vm')])

    expect(runs.map(({ run }) => [run.template, run.state])).toEqual([['new-vm', 'refused']])
  })

  it('leaves the ticket to what else is worth a look', async () => {
    const byHand = [{ table: 'incident', when: 'active=true', trigger: ['manual'] }]
    const disk = makeTemplate({ name: 'disk', match: byHand, incident_types: ['disk'] })

    const { runs } = await decide(inProduction('ticket.created'), [
      publish(makeTemplate({ match })),
      publish(disk),
    ])

    expect(runs.map(({ run }) => run.template)).toEqual([handOverTemplate])
  })
})

describe('an incident that no rule fits', () => {
  const byHand = [{ table: 'incident', when: 'active=true', trigger: ['manual'] }]
  const disk = publish(makeTemplate({ match: byHand, incident_types: ['disk'] }))
  const printer = publish(makeTemplate({ name: 'printer', title: 'Printer', match: byHand }))

  it('is handed over with what its words suggest', async () => {
    const { runs } = await decide(makeEvent(), [disk, printer])

    expect(runs).toHaveLength(1)
    expect(runs[0]?.run).toMatchObject({
      template: handOverTemplate,
      trigger: 'created',
      state: 'refused',
    })
    expect(runs[0]?.run.message).toContain(
      'Free disk space: The ticket says "disk full", which speaks for Disk space.',
    )
    expect(runs[0]?.run.message).not.toContain('Printer')
  })

  it('is handed over with what helped with similar tickets', async () => {
    function learned(text: string): Classification {
      const reason = `It helped with "${text}".`
      return { label: 'printer', source: 'learned', confidence: 0.97, words: ['disk'], reason }
    }

    const { runs } = await decide(makeEvent(), [printer], { learned })
    const off = Policy.parse({ classification: { learned: false } })
    const silent = await decide(makeEvent(), [printer], { learned, policy: off })

    expect(runs[0]?.run.message).toContain('Printer: It helped with "Disk full on web-01".')
    expect(silent.runs).toEqual([])
  })

  it('is left alone when there is nothing to suggest, unless the policy always wants a word', async () => {
    const always = Policy.parse({ hand_over: { incident: { note: 'always' } } })

    const silent = await decide(makeEvent(), [printer])
    const told = await decide(makeEvent(), [printer], { policy: always })

    expect(silent).toMatchObject({ runs: [], decisions: [] })
    expect(told.runs[0]?.run.message).toContain('"disk full"')
  })

  it('does not suggest a template that cannot run, nor one nobody can start by hand', async () => {
    const broken = { ...disk, problem: 'its platform is not configured' }
    const match = [{ table: 'incident', when: 'short_description=x', trigger: ['created'] }]
    const automatic = publish(makeTemplate({ match, incident_types: ['disk'] }))

    expect((await decide(makeEvent(), [broken])).runs).toEqual([])
    expect((await decide(makeEvent(), [automatic])).runs).toEqual([])
  })

  it('hears of no hand-over when a rule was refused and said so', async () => {
    const template = publish(
      makeTemplate({
        name: 'needs-host',
        match: [{ table: 'incident', when: 'active=true', trigger: ['created'] }],
        parameters: [{ name: 'host', type: 'string', label: 'Host', required: true }],
      }),
    )

    const { runs } = await decide(makeEvent(), [template, disk])

    expect(runs.map(({ run }) => run.template)).toEqual(['needs-host'])
  })

  it('is handed over although a template in its trial looked on', async () => {
    const match = [{ table: 'incident', when: 'active=true', trigger: ['created'] }]
    const shadow = publish(makeTemplate({ name: 'shadow-one', match, rollout: { mode: 'shadow' } }))

    const { runs, decisions } = await decide(makeEvent(), [shadow, disk])

    expect(runs.map(({ run }) => run.template)).toEqual([handOverTemplate])
    expect(decisions.map(({ template }) => template)).toEqual(['shadow-one', handOverTemplate])
  })
})

describe('whatever the templates are', () => {
  const catalog = fc.constantFrom(
    undefined,
    { items: ['New virtual machine'] },
    { categories: ['Hardware'] },
    { titles: ['New virtual machine'] },
    { titles: ['Virtual machine'] },
    { items: ['Toner'] },
  )
  const template = fc.record({
    catalog,
    priority: fc.integer({ min: 0, max: 3 }),
    triggers: fc.subarray(['manual', 'created', 'ordered'], { minLength: 1 }),
  })

  it('a new order plans at most one run, and leaves exactly one word when an automatic rule is for orders', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(template, { maxLength: 5 }), async (made) => {
        const templates = made.map(({ catalog: own, priority, triggers }, index) =>
          orderTemplate(`template-${'abcde'[index]}`, {
            match: [{ ...onOrder[0], trigger: triggers }],
            priority,
            ...(own === undefined ? {} : { catalog: own }),
          }),
        )

        const { runs } = await decide(orderEvent(), templates)

        const automatic = made.some(({ triggers }) => triggers.join() !== 'manual')
        expect(runs).toHaveLength(automatic ? 1 : 0)
        const ids = runs.map(({ run }) => run.id)
        const turned = await decide(orderEvent(), templates.toReversed())
        expect(turned.runs.map(({ run }) => run.state)).toEqual(runs.map(({ run }) => run.state))
        expect(new Set(ids).size).toBe(ids.length)
      }),
      { numRuns: 300 },
    )
  })
})
