// The registry: every file of connector/checks is a check, made once, in order, each with a detail and, when it
// did not pass, a next step. What each check says stands in the tests beside this one.
import { readdirSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import type { CheckContext } from '../../connector/checks/check.ts'
import { makeChecks } from '../../connector/checks/index.ts'
import { decisionOf } from '../../connector/receipt.ts'
import { changeWith, makeContext, policyOf, targetRun } from '../support/checks.ts'
import { testActor } from '../support/events.ts'
import { makeTemplate, publish } from '../support/templates.ts'

/** A template and a ticket to which every check applies, and with which none passes. */
function allWrong(): CheckContext {
  const trigger = 'updated'
  return makeContext({
    trigger,
    requestedVersion: 2,
    templateProblem: 'Platform awx is not configured.',
    subject: 'change_request/CHG0000002',
    origin: { issuer: '', kid: '', receivedAt: new Date(0) },
    ticket: {
      ...changeWith({
        state: '-5',
        active: 'false',
        approval: 'rejected',
        start_date: '2026-06-10 09:00:00',
        end_date: '2026-06-10 10:00:00',
        'cmdb_ci.environment': 'Production',
      }),
      affected: { cis: ['a', 'b'], services: [], complete: true },
    },
    template: makeTemplate({
      instances: ['acme-test'],
      environment: { allow: { test: {} } },
      change: { types: ['standard'] },
      targets: { parameter: 'hosts', each: 1 },
      parameters: [{ name: 'hosts', type: 'string', label: 'Hosts' }],
      limits: { cooldown: '2h', max_runs: { count: 1, per: '24h' } },
      blast_radius: { cis: { approve_above: 0, refuse_above: 1 } },
      when_busy: 'refuse',
      rollout: { mode: 'shadow' },
      catalog: { items: ['New VM'] },
    }),
    parameterProblems: [{ parameter: 'hosts', message: '"Hosts" is too long.' }],
    earlierRuns: [{ id: 'a', template: 'free-disk-space', trigger: 'manual', state: 'running' }],
    targets: ['web-01', ...Array.from({ length: 1000 }, (_, at) => `db-${at}`)],
    targetRuns: [targetRun({ state: 'running', finishedAt: null })],
    binding: { by: 'none', score: 0, reason: 'nothing names it' },
    policy: policyOf({
      freezes: [{ name: 'Q', from: '2026-06-01T00:00:00Z', to: '2026-07-01T00:00:00Z' }],
    }),
  })
}

/** Checks that ask nobody when a rule fires by itself; their own tests show how they fail. */
const personOnly = ['actor-role', 'template-permission']

describe('the checks', () => {
  it('all pass for an agent on an open incident, each with a detail', () => {
    const checks = makeChecks(makeContext())

    expect(checks.map(({ check }) => check)).toEqual([
      'authentic',
      'ticket-identity',
      'source-allowed',
      'template-ready',
      'version-current',
      'ticket-open',
      'actor-role',
      'template-permission',
      'environment-permission',
      'approval',
      'freeze',
      'parameters-valid',
      'no-other-run',
    ])
    expect(checks.every(({ passed, detail }) => passed && detail.length > 10)).toBe(true)
  })

  it('are all made even when the first one fails, and every refusal names a next step', () => {
    const failed = makeChecks(allWrong()).filter(({ check }) => !personOnly.includes(check))

    expect(failed.filter(({ passed }) => passed)).toEqual([])
    expect(failed.filter(({ hint = '' }) => hint.length <= 10)).toEqual([])
  })

  it('stand in the registry one line per file', () => {
    const files = readdirSync('connector/checks').filter(
      (name) => !['check.ts', 'index.ts'].includes(name),
    )
    const names = makeChecks(allWrong()).map(({ check }) => `${check}.ts`)

    expect(names.toSorted()).toEqual(files.toSorted())
  })

  it('give the receipt its first sentence: what did not pass first, and the next step', () => {
    const context = makeContext({ actor: { ...testActor, roles: [] }, requestedVersion: 2 })

    const { fits, summary } = decisionOf(publish(context.template, 3), [], makeChecks(context))

    expect(fits).toBe(false)
    expect(summary).toBe(
      'Refused: Version 2 was confirmed, but version 3 is published now. Click Run automation again and confirm the new version.',
    )
  })

  it('say that a rule in shadow would have started only when nothing else was in the way', () => {
    const template = makeTemplate({ rollout: { mode: 'shadow' } })
    const names = makeChecks(makeContext({ template, trigger: 'created' })).map(
      ({ check }) => check,
    )

    expect(names.at(-1)).toBe('rollout')
  })
})
