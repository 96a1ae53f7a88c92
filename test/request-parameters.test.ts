// Answers of an order (catalog variables) as typed parameters of the job, and what the requester hears of wrong ones.
import { describe, expect, it } from 'vitest'

import type { Ticket } from '#shared/ticket-event.ts'

import type { PlannedRun } from '../connector/plan.ts'
import { decide, orderEvent } from './support/deciding.ts'
import { makeTemplate, publish } from './support/templates.ts'

const size = {
  type: 'choice',
  choices: [
    { value: 's', label: 'Small' },
    { value: 'l', label: 'Large' },
  ],
}

interface Question {
  parameter: Record<string, unknown>
  /** Value and what a person sees of it; undefined = the order has no such variable. */
  answer: { type?: string; value: string; display?: string } | undefined
}

/** Orders an item whose only question is mapped to the only parameter. */
async function order({ parameter, answer }: Question): Promise<PlannedRun> {
  const variables: NonNullable<Ticket['variables']> = {}
  if (answer !== undefined) variables['answer'] = { type: 'string', ...answer }
  const template = makeTemplate({
    match: [{ table: 'sc_req_item', when: 'active=true', trigger: ['ordered'] }],
    catalog: { items: ['New virtual machine'] },
    parameters: [
      { name: 'asked', label: 'What was asked', from: 'variables.answer', ...parameter },
    ],
  })
  const { runs } = await decide(orderEvent({ variables }), [publish(template)])
  const [run] = runs
  if (run === undefined) throw new Error('nothing was decided')
  return run
}

describe('the answers of an order', () => {
  it.each<[parameter: Record<string, unknown>, answer: Question['answer'], value: unknown]>([
    [{ type: 'boolean' }, { value: 'true' }, true],
    [{ type: 'boolean' }, { value: 'false' }, false],
    [{ type: 'boolean' }, { value: 'Yes', display: 'Ja' }, true],
    [{ type: 'boolean' }, { value: 'No' }, false],
    [{ type: 'integer' }, { value: '16' }, 16],
    [{ type: 'integer' }, { value: ' 16 ', display: '16 GB' }, 16],
    [{ type: 'number' }, { value: '2.50' }, 2.5],
    [
      { type: 'string' },
      { type: 'glide_date', value: '2026-06-30', display: '30/06/2026' },
      '2026-06-30',
    ],
    [{ type: 'string' }, { value: '007' }, '007'],
    [size, { value: 'l', display: 'Large' }, 'l'],
    [
      { type: 'text' },
      { value: 'first line\nsecond line\r\n第三行' },
      'first line\nsecond line\r\n第三行',
    ],
    [{ type: 'string', default: 'bronze' }, { value: '' }, 'bronze'],
    [{ type: 'string', default: 'bronze' }, undefined, 'bronze'],
    [{ type: 'string' }, undefined, null],
    [{ type: 'string', from: 'people.requested_by.user_name' }, undefined, 'joe.employee'],
    [
      { type: 'string', from: "variables.answer & ' for ' & ticket.number" },
      { value: 'vm' },
      'vm for RITM0010001',
    ],
  ])('%j takes %j as %j', async (parameter, answer, value) => {
    const { run, steps } = await order({ parameter, answer })

    expect(run).toMatchObject({ state: 'planned', message: 'Waiting for the job platform.' })
    expect(steps[0]?.parameters).toEqual({ asked: value })
  })

  it.each<[parameter: Record<string, unknown>, answer: Question['answer'], told: RegExp]>([
    [{ type: 'string', required: true }, undefined, /"What was asked" is required/],
    [{ type: 'string', required: true }, { value: '' }, /"What was asked" is required/],
    [{ type: 'boolean' }, { value: 'perhaps' }, /"What was asked" must be true or false/],
    [
      { type: 'integer' },
      { value: '16 GB' },
      /"What was asked" must be a whole number; enter digits only, e.g. 5/,
    ],
    [{ type: 'integer', max: 64 }, { value: '128' }, /"What was asked" must be at most 64/],
    [
      { type: 'number' },
      { value: '2,5' },
      /"What was asked" must be a number; enter it with a decimal point/,
    ],
    [size, { value: 'Large' }, /"What was asked" must be one of "s", "l"; choose one/],
    [
      { type: 'string', pattern: '\\d{4}-\\d\\d-\\d\\d' },
      { value: '30/06/2026' },
      /"What was asked" must look like/,
    ],
    [
      { type: 'string', max_length: 5 },
      { value: 'far too long' },
      /"What was asked" must have at most 5 characters/,
    ],
  ])('%j refuses %j in words for the requester', async (parameter, answer, told) => {
    const { run, steps } = await order({ parameter, answer })

    expect(run).toMatchObject({ state: 'refused', trigger: 'ordered' })
    expect(run.message).toMatch(told)
    expect(steps).toEqual([])
  })

  it('belong to the person it was requested for, while the run names who ordered', async () => {
    const event = orderEvent()
    const { people } = event.data
    if (people.requested_by !== undefined) people.requested_by.user_name = 'abel.tuter'
    const template = makeTemplate({
      match: [{ table: 'sc_req_item', when: 'active=true', trigger: ['ordered'] }],
      parameters: [
        { name: 'owner', type: 'string', label: 'Owner', from: 'people.requested_by.user_name' },
      ],
    })

    const { runs } = await decide(event, [publish(template)])

    expect(runs[0]?.steps[0]?.parameters).toEqual({ owner: 'abel.tuter' })
    expect(runs[0]?.run.requested_by).toBe('joe.employee')
  })
})
