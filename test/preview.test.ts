// Previews: what fits, what is suggested and why, and the order of the list.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { PreviewReply } from '#shared/preview.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import { createPool } from '../connector/db/pool.ts'
import type { Pool } from '../connector/db/pool.ts'
import type { Learned } from '../connector/matching/suggest.ts'
import { defaultPolicy, Policy } from '../connector/policy.ts'
import { previewTicket } from '../connector/preview.ts'
import type { PublishedVersion } from '../connector/templates/registry.ts'
import { orderEvent } from './support/deciding.ts'
import { makeTicket, testActor } from './support/events.ts'
import { createTestDatabase } from './support/postgres.ts'
import type { TestDatabase } from './support/postgres.ts'
import { makeTemplate, publish } from './support/templates.ts'

let database: TestDatabase
let pool: Pool

beforeAll(async () => {
  database = await createTestDatabase()
  pool = createPool(database.connectionString)
})

afterAll(async () => {
  await pool.end()
  await database.drop()
})

interface Wish {
  ticket?: Ticket
  learned?: Learned
  policy?: Policy
}

async function preview(templates: PublishedVersion[], wish: Wish = {}): Promise<PreviewReply> {
  const reply = await previewTicket(
    {
      source: 'https://acme.service-now.com',
      ticket: wish.ticket ?? makeTicket(),
      actor: testActor,
      people: {},
    },
    {
      pool,
      // Nothing else of the registry is asked.
      templates: { current: () => templates } as never,
      instance: 'acme',
      policy: wish.policy ?? defaultPolicy,
      now: new Date('2026-06-10T12:00:00Z'),
      ...(wish.learned === undefined ? {} : { learned: wish.learned }),
    },
  )
  expect(PreviewReply.parse(reply)).toEqual(reply)
  return reply
}

const noFit = [{ table: 'incident', when: 'short_description=nobody', trigger: ['manual'] }]

function saying(label: string): Learned {
  return (text) => {
    const reason = `It helped with "${text}".`
    return { label, source: 'learned', confidence: 0.96, words: ['disk'], reason }
  }
}

describe('a preview', () => {
  it('says what kind of incident it is and suggests the templates for that kind', async () => {
    const { templates, classification } = await preview([
      publish(makeTemplate({ name: 'printer', incident_types: ['network'], match: noFit })),
      publish(makeTemplate({ name: 'disk', incident_types: ['network', 'disk'], match: noFit })),
    ])

    expect(classification).toMatchObject({
      label: 'disk',
      source: 'keywords',
      words: ['disk full'],
    })
    expect(templates.map(({ name, suggestion }) => [name, suggestion])).toEqual([
      ['disk', 'The ticket says "disk full", which speaks for Disk space.'],
      ['printer', undefined],
    ])
  })

  it('suggests what helped with similar tickets, unless that is switched off', async () => {
    const templates = [publish(makeTemplate({ name: 'printer', match: noFit }))]
    const off = Policy.parse({ classification: { learned: false, types: [] } })
    const noWords = Policy.parse({ classification: { types: [] } })

    const on = await preview(templates, { learned: saying('printer'), policy: noWords })
    const silent = await preview(templates, { learned: saying('printer'), policy: off })

    expect(on.classification).toMatchObject({ label: 'printer', source: 'learned' })
    expect(on.templates[0]?.suggestion).toBe('It helped with "Disk full on web-01".')
    expect(on.templates[0]?.decision.fits).toBe(false)
    expect(silent.classification).toBeNull()
    expect(silent.templates[0]?.suggestion).toBeUndefined()
  })

  it('keeps to itself what helped when that is published no more', async () => {
    const policy = Policy.parse({ classification: { types: [] } })

    const { classification } = await preview([publish(makeTemplate())], {
      learned: saying('gone'),
      policy,
    })

    expect(classification).toBeNull()
  })

  it('does not suggest a template that cannot run', async () => {
    const broken = {
      ...publish(makeTemplate({ incident_types: ['disk'] })),
      problem: 'no platform "x"',
    }

    const { templates } = await preview([broken])

    expect(templates[0]?.suggestion).toBeUndefined()
  })

  it('lets a person start what is only alike for an ordered item, and says how alike it is', async () => {
    const { ticket } = orderEvent().data
    const match = [{ table: 'sc_req_item', when: 'active=true', trigger: ['manual', 'ordered'] }]
    const template = makeTemplate({ match, catalog: { titles: ['Virtual machine'] } })

    const { templates, classification } = await preview([publish(template)], { ticket })

    expect(classification).toBeNull()
    expect(templates[0]?.decision.fits).toBe(true)
    expect(templates[0]?.suggestion).toMatch(
      /^The item "New virtual machine" is \d\d % like "Virtual machine"\.$/,
    )
  })

  it('lists what fits first, then what is suggested, then by priority; suggestions change no decision', async () => {
    const one = fc.record({
      fits: fc.boolean(),
      suggested: fc.boolean(),
      learned: fc.boolean(),
      priority: fc.integer({ min: 0, max: 3 }),
    })

    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 6 }), async (made) => {
        const templates = made.map(({ fits, suggested, priority }, index) =>
          publish(
            makeTemplate({
              name: `template-${index}`,
              title: `Template ${index}`,
              priority,
              incident_types: suggested ? ['disk'] : [],
              ...(fits ? {} : { match: noFit }),
            }),
          ),
        )
        const best = made.findIndex(({ learned }) => learned)

        const ticket = makeTicket()
        const plain = await preview(templates, {
          ticket,
          policy: Policy.parse({ classification: { types: [], learned: false } }),
        })
        const reply = await preview(templates, { ticket, learned: saying(`template-${best}`) })

        const ranks = reply.templates.map(({ name, decision, suggestion }) => {
          const { priority } = made[Number(name.slice('template-'.length))] ?? { priority: -1 }
          return Number(decision.fits) * 100 + Number(suggestion !== undefined) * 10 + priority
        })
        expect(ranks).toEqual(ranks.toSorted((a, b) => b - a))
        expect(reply.templates).toHaveLength(made.length)
        const decisions = byName(reply)
        expect(decisions).toEqual(byName(plain))
      }),
      { numRuns: 60 },
    )
  })
})

function byName({ templates }: PreviewReply): Map<string, unknown> {
  return new Map(
    templates
      .map(({ name, decision }): [string, unknown] => [name, decision])
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}
