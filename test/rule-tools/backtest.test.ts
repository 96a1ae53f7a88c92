import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Ticket, TicketField } from '#shared/ticket-event.ts'

import { defaultPolicy } from '../../connector/policy.ts'
import { backtest } from '../../connector/rule-tools/backtest.ts'
import type { BacktestCounts, BacktestOptions } from '../../connector/rule-tools/backtest.ts'
import { createTopCounts } from '../../connector/rule-tools/top-counts.ts'
import { makeTemplate, publish } from '../support/templates.ts'

const options: BacktestOptions = {
  instance: 'acme',
  policy: defaultPolicy,
  asOf: 'created',
  now: new Date('2026-06-30T00:00:00Z'),
}

let count = 0

function ticket(values: Record<string, string> = {}): Ticket {
  count += 1
  const fields: Record<string, TicketField> = {
    short_description: { type: 'string', value: 'Disk full' },
    state: { type: 'integer', value: '7', display: 'Closed' },
    active: { type: 'boolean', value: 'false' },
    approval: { type: 'string', value: 'not requested' },
    cmdb_ci: { type: 'reference', value: 'c'.repeat(32), display: 'lnx-01' },
    'cmdb_ci.name': { type: 'string', value: 'lnx-01' },
    'cmdb_ci.environment': { type: 'string', value: 'Test' },
    sys_created_on: { type: 'glide_date_time', value: '2026-06-10 12:00:00' },
  }
  for (const [name, value] of Object.entries(values)) {
    fields[name] = { type: fields[name]?.type ?? 'string', value }
  }
  return {
    table: 'incident',
    sys_id: count.toString(16).padStart(32, '0'),
    number: `INC${String(count).padStart(7, '0')}`,
    fields,
  }
}

function template(name: string, more: Record<string, unknown> = {}): ReturnType<typeof publish> {
  const match = [
    { table: 'incident', when: 'active=true^short_descriptionLIKEdisk', trigger: ['created'] },
  ]
  return publish(makeTemplate({ name, title: name, match, ...more }))
}

function rule(when: string, trigger = ['created']): Record<string, unknown> {
  return { match: [{ table: 'incident', when, trigger }] }
}

async function* each(tickets: readonly Ticket[]): AsyncGenerator<Ticket> {
  yield* tickets
}

function run(
  tickets: readonly Ticket[],
  templates: readonly ReturnType<typeof publish>[],
  more: Partial<BacktestOptions> = {},
): Promise<BacktestCounts> {
  return backtest(each(tickets), templates, { ...options, ...more })
}

describe('a backtest', () => {
  it('counts a closed ticket as what it was when it was created', async () => {
    const templates = [template('free-disk')]

    const asCreated = await run([ticket()], templates)
    const asNow = await run([ticket()], templates, { asOf: 'now' })

    expect(asCreated.templates[0]).toMatchObject({ matched: 1, would_run: 1 })
    expect(asNow).toMatchObject({ unmatched: 1, templates: [{ matched: 0, would_run: 0 }] })
  })

  it('lets the clock stand at the creation of the ticket', async () => {
    const recent = template('recent', rule('sys_created_onRELATIVEGT@hour@ago@1'))

    expect((await run([ticket()], [recent])).templates[0]?.matched).toBe(1)
    expect((await run([ticket()], [recent], { asOf: 'now' })).templates[0]?.matched).toBe(0)
  })

  it('lets the highest priority win, and says who was outranked', async () => {
    const { templates, overlaps } = await run(
      [ticket(), ticket({ short_description: 'Disk and memory' })],
      [
        template('low'),
        template('high', { priority: 200, ...rule('short_descriptionLIKEmemory') }),
      ],
    )

    expect(templates).toMatchObject([
      { name: 'low', matched: 2, would_run: 1, outranked: 1, tied: 0 },
      { name: 'high', matched: 1, would_run: 1, outranked: 0 },
    ])
    expect(overlaps).toEqual([
      { templates: ['high', 'low'], tickets: 1, ties: 0, example: expect.any(String) as string },
    ])
  })

  it('runs nothing in a tie, and names the pair', async () => {
    const first = ticket()

    const { templates, overlaps } = await run(
      [first, ticket()],
      [template('job-b'), template('job-a')],
    )

    expect(templates).toMatchObject([
      { matched: 2, would_run: 0, tied: 2 },
      { matched: 2, would_run: 0, tied: 2 },
    ])
    expect(overlaps).toEqual([
      { templates: ['job-a', 'job-b'], tickets: 2, ties: 2, example: first.number },
    ])
  })

  it('counts refusals by check, with an example', async () => {
    const needsApproval = template('approved', { approval: 'required' })
    const waiting = ticket()

    const { templates } = await run(
      [waiting, ticket({ approval: 'approved' }), ticket()],
      [needsApproval],
    )

    expect(templates[0]).toMatchObject({
      matched: 3,
      would_run: 1,
      refused: 2,
      refusals: [{ check: 'approval', count: 2, ticket: waiting.number }],
    })
    expect(templates[0]?.refusals[0]?.detail).not.toBe('')
  })

  it('judges parameters as of the ticket, and no person', async () => {
    const parameters = [
      { name: 'path', type: 'string', label: 'Path', required: true, from: 'fields.u_path' },
    ]
    const guarded = template('guarded', { parameters, permissions: { users: ['nobody.else'] } })

    const { templates } = await run([ticket({ u_path: '/tmp' }), ticket()], [guarded])

    expect(templates[0]).toMatchObject({
      would_run: 1,
      refusals: [{ check: 'parameters-valid', count: 1 }],
    })
  })

  it('names what it would have run on, most frequent first', async () => {
    const onItems = template('on-items', { targets: {} })

    const { templates } = await run(
      [ticket(), ticket({ 'cmdb_ci.name': 'LNX-02' }), ticket({ 'cmdb_ci.name': 'lnx-02' })],
      [onItems],
    )

    expect(templates[0]?.targets).toEqual([
      { target: 'lnx-02', count: 2 },
      { target: 'lnx-01', count: 1 },
    ])
    expect(templates[0]?.targets_exact).toBe(true)
  })

  it('tells rule by rule what matched, what cannot be decided, and what does not fire on creation', async () => {
    const three = template('three', {
      match: [
        { table: 'incident', when: 'short_descriptionLIKEdisk', trigger: ['created', 'manual'] },
        { table: 'incident', when: 'u_missing=1', trigger: ['created'] },
        { table: 'incident', when: 'short_descriptionLIKEdisk', trigger: ['updated'] },
      ],
    })

    const { templates } = await run([ticket(), ticket({ short_description: 'x' })], [three])

    expect(templates[0]?.rules).toEqual([
      expect.objectContaining({ tried: true, matched: 1, invalid: 0, reason: null }),
      expect.objectContaining({
        tried: true,
        matched: 0,
        invalid: 2,
        reason: expect.stringContaining('u_missing') as string,
      }),
      expect.objectContaining({ tried: false, matched: 0, invalid: 0, reason: null }),
    ])
  })

  it('counts a template in shadow as refused by its rollout', async () => {
    const shadow = template('shadow', { rollout: { mode: 'shadow' } })

    const { templates } = await run([ticket()], [shadow])

    expect(templates[0]).toMatchObject({ would_run: 0, refusals: [{ check: 'rollout', count: 1 }] })
  })

  it('ends when it is told to, and says that it is not complete', async () => {
    let looked = 0

    const counts = await run([ticket(), ticket(), ticket()], [template('job-a')], {
      stop: () => (looked += 1) > 2,
    })

    expect(counts).toMatchObject({ tickets: 2, complete: false })
  })

  it('says the same of tickets in any order', async () => {
    const tickets = [
      ticket(),
      ticket({ short_description: 'Disk and memory' }),
      ticket({ approval: 'requested' }),
      ticket({ short_description: 'printer' }),
    ]
    const templates = [
      template('job-a'),
      template('job-b'),
      template('job-c', { priority: 300, ...rule('short_descriptionLIKEmemory') }),
    ]
    const { templates: expected, overlaps } = await run(tickets, templates)
    function numbers(counts: BacktestCounts['templates']): unknown[] {
      return counts.map(({ matched, would_run, outranked, tied, refused, rules }) => {
        return { matched, would_run, outranked, tied, refused, rules }
      })
    }

    function pairs(found: BacktestCounts['overlaps']): unknown[] {
      return found.map((pair) => ({ ...pair, example: '' }))
    }

    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(tickets, { minLength: 4 }), async (shuffled) => {
        const counts = await run(shuffled, templates)

        expect(numbers(counts.templates)).toEqual(numbers(expected))
        expect(pairs(counts.overlaps)).toEqual(pairs(overlaps))
        for (const one of counts.templates) {
          expect(one.matched).toBe(one.would_run + one.outranked + one.tied + one.refused)
        }
      }),
      { numRuns: 24 },
    )
  })
})

describe('top counts', () => {
  it('are exact while there are places, and never lose a frequent name afterwards', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 300 }), (names) => {
        const counts = createTopCounts(8)
        for (const name of names) counts.add(`n${name}`)
        const real = Map.groupBy(names, (name) => `n${name}`)

        const found = counts.top(8)

        expect(counts.exact()).toBe(real.size <= 8)
        if (real.size <= 8) {
          for (const { name, count: one } of found) expect(one).toBe(real.get(name)?.length)
        }
        // Space-Saving: whatever is more frequent than one in eight is among them, and no count is too low.
        for (const [name, all] of real) {
          if (all.length <= names.length / 8) continue
          expect(found.find((one) => one.name === name)?.count).toBeGreaterThanOrEqual(all.length)
        }
      }),
    )
  })
})
