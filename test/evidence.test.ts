// Evidence of a step: the digest of what it printed.
import { createHash } from 'node:crypto'

import { expect, it } from 'vitest'

import { evidenceOf } from '../connector/evidence.ts'
import { planRun } from '../connector/plan.ts'
import { defaultPolicy } from '../connector/policy.ts'
import { decisionOf } from '../connector/receipt.ts'
import { makeTicket } from './support/events.ts'
import { makeTemplate, publish } from './support/templates.ts'

it('has the digest of the output as it is, also when that changes', () => {
  const published = publish(makeTemplate())
  const { steps } = planRun({
    instance: 'acme',
    id: 'a'.repeat(32),
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
  const step = { ...steps[0], finished_at: new Date() } as (typeof steps)[number]

  const digests = ['one\n', 'one\n', 'two 磁盘\n', ''].map((text) => {
    step.output_tail = text
    return evidenceOf(step).output_sha256
  })

  const one = createHash('sha256').update('one\n').digest('hex')
  const two = createHash('sha256').update('two 磁盘\n').digest('hex')
  expect(digests).toEqual([one, one, two, null])
})
