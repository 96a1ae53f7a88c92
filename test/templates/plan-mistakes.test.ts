// What is wrong with a template although it fits the schema: its plan and its conditions. One line per mistake:
// where it stands, what is wrong, what to do.
import { describe, expect, it } from 'vitest'

import { templateMistakes } from '../../connector/templates/semantics.ts'
import { templateWith } from './sample.ts'

const parameters = [
  { name: 'hosts', type: 'text', label: 'Hosts' },
  { name: 'days', type: 'integer', label: 'Days' },
  { name: 'token', type: 'secret', label: 'Token' },
]

const step = { name: 'Upgrade', job: 'upgrade' }

function mistakesOf(part: object): string[] {
  const template = templateWith(parameters, { job: undefined, steps: [step], ...part })
  return templateMistakes(template).map(({ path, reason, hint }) => {
    expect(hint).toMatch(/^[A-Z].{5,}\.$/)
    return `${path.map(String).join('.')}: ${reason}`
  })
}

type Case = [title: string, part: object, expected: string]

const planCases: Case[] = [
  [
    'neither job nor steps',
    { steps: [] },
    'job: job is missing, and there are no steps either: the template would do nothing',
  ],
  [
    'job and steps',
    { job: 'one' },
    'job: job and steps are both given, so nobody can see which comes first',
  ],
  [
    'two steps of one name',
    { steps: [step, step] },
    'steps.1.name: a second step "Upgrade", which nobody could tell from the first',
  ],
  [
    'an unknown parameter of a step',
    { steps: [{ ...step, parameters: ['days', 'dyas'] }] },
    'steps.0.parameters.1: the template has no parameter "dyas" (it has hosts, days, token)',
  ],
  [
    'an unknown parameter of a rollback',
    { steps: [{ ...step, rollback: { job: 'u', parameters: ['x'] } }] },
    'steps.0.rollback.parameters.0: the template has no parameter "x" (it has hosts, days, token)',
  ],
  [
    "a platform's name for a parameter that does not exist",
    { steps: [{ ...step, names: { hsots: 'HOSTS' } }] },
    'steps.0.names.hsots: there is no parameter "hsots" that the platform could call "HOSTS"',
  ],
  [
    "one platform's name for two parameters",
    { job: 'one', steps: [], names: { hosts: 'days' } },
    'names.hosts: two parameters would reach the platform as "days"',
  ],
  [
    'names beside steps',
    { names: { hosts: 'HOSTS' } },
    'names: names beside steps say nothing: each step has its own',
  ],
  [
    'a parameter named twice',
    { post_checks: [{ ...step, parameters: ['days', 'days'] }] },
    'post_checks.0.parameters.1: "days" stands here twice',
  ],
  [
    'a fixed value for a parameter the job gets',
    { pre_checks: [{ ...step, set: { days: 3 } }] },
    'pre_checks.0.set.days: "days" is a parameter this job gets anyway; the fixed value would replace what was confirmed',
  ],
  [
    'a fixed value for a parameter the rollback gets with its step',
    { steps: [{ ...step, parameters: ['days'], rollback: { job: 'u', set: { days: 1 } } }] },
    'steps.0.rollback.set.days: "days" is a parameter this job gets anyway; the fixed value would replace what was confirmed',
  ],
  [
    'a fixed value for a secret, even where the job does not get it',
    { steps: [{ ...step, parameters: [], set: { token: 'abc' } }] },
    'steps.0.set.token: "token" is a secret parameter, and a secret may not stand in a file',
  ],
  [
    'a rollback of a check',
    { pre_checks: [{ ...step, rollback: { job: 'u' } }] },
    'pre_checks.0.rollback: a check has nothing to roll back, so this would never run',
  ],
  [
    'a check that is not critical',
    { post_checks: [{ ...step, critical: false }] },
    'post_checks.0.critical: a check always counts: a plan does not go on past one that failed',
  ],
  [
    'targets in an unknown parameter',
    { targets: { parameter: 'servers' } },
    'targets.parameter: the template has no parameter "servers"',
  ],
  [
    'targets in a secret',
    { targets: { parameter: 'token' } },
    'targets.parameter: "token" is secret, but targets are shown and compared',
  ],
  [
    'targets in a number',
    { targets: { parameter: 'days' } },
    'targets.parameter: "days" is of type integer, which cannot hold a list of names',
  ],
  [
    'failures allowed without batches',
    { targets: { parameter: 'hosts', max_failed: 0.2 } },
    'targets.max_failed: max_failed counts failed batches, but there are no batches',
  ],
  [
    'batches of nothing',
    { targets: { each: 5 } },
    'targets.each: batches need a list of targets, but no parameter is named that holds it',
  ],
  [
    'a look-up of targets that nobody lists',
    { targets: { lookup: true } },
    'targets.lookup: lookup asks for listed targets, but no parameter is named that holds them',
  ],
  [
    'a job that never learns its batch',
    { targets: { parameter: 'hosts', each: 5 }, steps: [{ ...step, parameters: ['days'] }] },
    'steps.0.parameters: the job runs once for each batch, but does not get "hosts" and so never knows which',
  ],
  [
    'a rollback that never learns its batch',
    {
      targets: { parameter: 'hosts', first: 1 },
      steps: [{ ...step, rollback: { job: 'u', parameters: [] } }],
    },
    'steps.0.rollback.parameters: the job runs once for each batch, but does not get "hosts" and so never knows which',
  ],
  [
    'leaving what cannot be rolled back',
    { on_cancel: 'leave' },
    'on_cancel: on_cancel says that nothing is rolled back, but no step has a rollback anyway',
  ],
]

const conditionCases: Case[] = [
  ...[
    'short_description',
    'parent.comments',
    'variables.environment',
    'request_item.variables.env',
  ].map((field): Case => {
    const typed = field.split('.').find((part) => /variables|short|comments/.test(part))
    return [
      `an environment in ${field}`,
      { environment: { field } },
      `environment.field: ${typed} holds what people type into the ticket, so anybody could call production a test`,
    ]
  }),
  [
    'an escalation without its limit',
    { limits: { escalate: { problem: true } } },
    'limits.escalate: escalate is for the time when max_runs is reached, and there is no max_runs',
  ],
  [
    'an empty escalation',
    { limits: { max_runs: { count: 3, per: '24h' }, escalate: {} } },
    'limits.escalate: escalate names nothing to do',
  ],
  [
    'two names of one environment, of which only one would count',
    { environment: { allow: { prod: {}, test: {}, Production: { roles: ['operator'] } } } },
    'environment.allow.Production: "Production" is the same environment as "prod", which stands before it',
  ],
  [
    'two meanings of one word of the instance',
    { environment: { map: { QA: 'test', 'qa ': 'production' } } },
    'environment.map.qa : "qa " is the same word as "QA", which stands before it',
  ],
  [
    'a share of a live rule',
    { rollout: { percent: 5 } },
    'rollout.percent: percent means nothing when the mode is live',
  ],
  [
    'groups of a shadow',
    { rollout: { mode: 'shadow', groups: ['Unix'] } },
    'rollout.groups: groups means nothing when the mode is shadow',
  ],
  [
    'a canary of nobody',
    { rollout: { mode: 'canary' } },
    'rollout.mode: canary needs percent or groups; without them no ticket takes part',
  ],
  [
    'a blast radius without threshold',
    { blast_radius: { source: 'cmdb' } },
    'blast_radius: blast_radius sets no threshold, so it would never stop anything',
  ],
  [
    'a threshold without number',
    { blast_radius: { cis: {}, services: { refuse_above: 2 } } },
    'blast_radius.cis: cis sets no threshold, so it would never stop anything',
  ],
  [
    'thresholds the wrong way round',
    { blast_radius: { cis: { approve_above: 10, refuse_above: 10 } } },
    'blast_radius.cis.approve_above: what is above 10 is refused, so nothing above approve_above 10 can be approved',
  ],
  [
    'a catalog binding without a rule for items',
    { catalog: { items: ['New VM'] } },
    'catalog: catalog is for tickets of sc_req_item, but no match rule is for that table',
  ],
  [
    'options of changes without a rule for them',
    { change: { types: ['standard'] } },
    'change: change is for tickets of change_request, but no match rule is for that table',
  ],
  [
    'the end of a window without a rule for changes',
    { change: { overrun: 'stop' } },
    'change: change is for tickets of change_request, but no match rule is for that table',
  ],
  [
    'incident types without a rule for incidents',
    {
      incident_types: ['disk'],
      match: [{ table: 'sc_req_item', when: 'active=true', trigger: ['manual'] }],
    },
    'incident_types: incident_types is for tickets of incident, but no match rule is for that table',
  ],
]

function on(...tables: string[]): object {
  return { match: tables.map((table) => ({ table, when: 'active=true', trigger: ['manual'] })) }
}

const outcomeCases: Case[] = [
  [
    'an incident that a failure should resolve',
    { outcome: { failed: { transition: 'resolved' } } },
    'outcome.failed.transition: a run that ended as failed never leads a ticket of incident to resolved',
  ],
  [
    'an incident that a rollback should close',
    { outcome: { rolled_back: { transition: 'closed' } } },
    'outcome.rolled_back.transition: a run that ended as rolled_back never leads a ticket of incident to closed',
  ],
  [
    'a change that a failure should cancel',
    { ...on('change_request'), outcome: { failed: { transition: 'cancelled' } } },
    'outcome.failed.transition: a run that ended as failed never leads a ticket of change_request to cancelled',
  ],
  [
    'an order that a failure should complete',
    { ...on('sc_req_item'), outcome: { failed: { transition: 'closed' } } },
    'outcome.failed.transition: a run that ended as failed never leads a ticket of sc_req_item to closed',
  ],
  [
    'an order that success should cancel',
    { ...on('sc_req_item'), outcome: { succeeded: { transition: 'cancelled' } } },
    'outcome.succeeded.transition: a run that ended as succeeded never leads a ticket of sc_req_item to cancelled',
  ],
  [
    'an end that is right for one of its tables and wrong for another',
    {
      ...on('change_request', 'sc_req_item'),
      outcome: { rolled_back: { transition: 'closed' } },
    },
    'outcome.rolled_back.transition: a run that ended as rolled_back never leads a ticket of sc_req_item to closed',
  ],
  [
    'a state that none of its tables has',
    { outcome: { succeeded: { transition: 'review' } } },
    'outcome.succeeded.transition: review is no state of tickets of incident',
  ],
  [
    'a table nobody knows that a failure should close',
    { ...on('u_task'), outcome: { failed: { transition: 'closed' } } },
    'outcome.failed.transition: a run that ended as failed never leads a ticket of u_task to closed',
  ],
]

describe('a template is refused for', () => {
  it.each(outcomeCases)('%s', (_title, part, expected) => {
    expect(mistakesOf(part)).toEqual([expected])
  })

  it.each(planCases)('%s', (_title, part, expected) => {
    expect(mistakesOf(part)).toEqual([expected])
  })

  it.each(conditionCases)('%s', (_title, part, expected) => {
    expect(mistakesOf(part)).toEqual([expected])
  })
})

describe('a template is fine', () => {
  it('with everything that fits together', () => {
    const part = {
      targets: { parameter: 'hosts', first: 1, each: 5, max_failed: 0.2 },
      pre_checks: [{ name: 'Health', job: 'health', set: { mode: 'before' } }],
      steps: [
        {
          name: 'Upgrade',
          job: 'upgrade',
          parameters: ['hosts', 'token'],
          // Not given to this job, so the fixed value replaces nothing.
          set: { days: 0 },
          critical: false,
          rollback: { job: 'downgrade', parameters: ['hosts'], set: { mode: 'undo' } },
        },
      ],
      // A check may have the same name before and after.
      post_checks: [{ name: 'Health', job: 'health', set: { mode: 'after' } }],
      on_cancel: 'leave',
      match: ['incident', 'change_request', 'sc_req_item'].map((table) => ({
        table,
        when: 'active=true',
        trigger: ['manual'],
      })),
      environment: { field: 'cmdb_ci.environment' },
      limits: { max_runs: { count: 3, per: '24h' }, escalate: { assignment_group: 'Unix' } },
      rollout: { mode: 'canary', percent: 10, groups: ['Unix'] },
      blast_radius: { cis: { approve_above: 5, refuse_above: 50 }, services: { refuse_above: 0 } },
      change: { types: ['standard'], overrun: 'stop' },
      catalog: { items: ['New VM'] },
      incident_types: ['disk'],
    }

    expect(mistakesOf(part)).toEqual([])
  })

  it('with ends that lead one of its tables somewhere and do not concern the others', () => {
    const outcome = {
      succeeded: { transition: 'resolved' },
      failed: { transition: 'closed_incomplete' },
      cancelled: { transition: 'cancelled' },
    }

    expect(mistakesOf({ ...on('incident', 'sc_req_item'), outcome })).toEqual([])
  })

  it('with the types of changes in another order: that is no option of its own', () => {
    expect(mistakesOf({ change: { types: ['emergency', 'standard', 'normal'] } })).toEqual([])
  })
})
