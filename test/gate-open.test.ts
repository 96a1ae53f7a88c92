// A run with nothing to look at must not pay for the gate.
import { expect, it } from 'vitest'

import { createPool } from '../connector/db/pool.ts'
import { lookAtGate } from '../connector/gate.ts'
import { planRun } from '../connector/plan.ts'
import { defaultPolicy } from '../connector/policy.ts'
import { decisionOf } from '../connector/receipt.ts'
import { makeTicket, randomHex } from './support/events.ts'
import { makeTemplate, publish } from './support/templates.ts'

it('is open without a single statement when there is no target, no freeze and nothing to read', async () => {
  const published = publish(makeTemplate())
  const flight = planRun({
    instance: 'acme',
    id: randomHex(),
    eventSeq: '1',
    ticketKey: 'key',
    ticket: makeTicket(),
    published,
    trigger: 'manual',
    requestedBy: 'beth.anglin',
    decision: decisionOf(published, [], []),
    parameters: {},
    targets: [],
    policy: defaultPolicy,
  })
  // Nobody listens there: a statement would fail.
  const pool = createPool('postgresql://127.0.0.1:1/none')

  const answer = await lookAtGate(flight, {
    pool,
    adapters: new Map(),
    policy: defaultPolicy,
    now: () => new Date(),
  })

  expect(answer).toEqual({ is: 'open', checks: [] })
  await pool.end()
})
