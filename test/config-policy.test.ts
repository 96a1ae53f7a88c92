// The section `policy` of connector.yaml: its defaults, and what stops the start.
import { describe, expect, it } from 'vitest'

import { loadConfig } from '../connector/config.ts'
import { defaultPolicy } from '../connector/policy.ts'
import type { Policy } from '../connector/policy.ts'
import { makeConfig, testEnv, writeConfigFile } from './support/config.ts'

const instance = `instances:
  - name: acme
    issuer: acme
    url: https://acme.service-now.com
    keys: [{ kid: k1, alg: HS256, secret: { env: ACME_SECRET } }]
    oauth: { client_id: connector, client_secret: { env: ACME_OAUTH_SECRET } }
`

/** What the start says about a connector.yaml whose policy section begins in line 7. */
function problemsOf(policy: string): string[] {
  try {
    loadConfig({ CONFIG_FILE: writeConfigFile(`${instance}policy:\n${policy}`), ...testEnv })
  } catch (error) {
    expect(error).toMatchObject({ code: 'config_invalid' })
    return String(error)
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/^- \S*connector\.yaml/, 'connector.yaml'))
  }
  throw new Error('the settings were accepted')
}

function policyOf(policy: object): Policy {
  return makeConfig({ policy }).policy
}

describe('a policy', () => {
  it('has defaults for everything', () => {
    expect(makeConfig().policy).toEqual(defaultPolicy)
    expect(defaultPolicy.change_types).toEqual({
      standard: {
        approval: false,
        window: 'required',
        go_on_after_non_critical: false,
        ends_in: 'closed',
      },
      normal: {
        approval: true,
        window: 'required',
        go_on_after_non_critical: false,
        ends_in: 'review',
      },
      emergency: {
        approval: true,
        window: 'optional',
        go_on_after_non_critical: true,
        ends_in: 'review',
      },
    })
  })

  it('changes one rule of one type of change and leaves the others as they are', () => {
    const { change_types: types } = policyOf({ change_types: { emergency: { approval: false } } })

    expect(types.emergency).toEqual({ ...defaultPolicy.change_types.emergency, approval: false })
    expect(types.standard).toEqual(defaultPolicy.change_types.standard)
    expect(types.normal).toEqual(defaultPolicy.change_types.normal)
  })

  it('spares emergency changes from a freeze unless it says otherwise', () => {
    const time = { from: '2026-12-20T18:00:00+01:00', to: '2027-01-02T06:00:00+01:00' }
    const freezes = [
      { name: 'Year end', ...time },
      { name: 'Audit', ...time, except_change_types: [] },
    ]

    expect(policyOf({ freezes }).freezes.map((freeze) => freeze.except_change_types)).toEqual([
      ['emergency'],
      [],
    ])
  })
})

describe('a policy is refused, with line and remedy', () => {
  it.each<[string, string, RegExp]>([
    [
      'a freeze that ends before it begins',
      '  freezes:\n    - name: Q\n      from: 2026-06-10T12:00:00Z\n      to: 2026-06-10T13:00:00+02:00\n',
      /connector\.yaml:11 policy\.freezes\[0\]\.to: must lie after from \(2026-06-10T12:00:00Z\)/,
    ],
    [
      'a freeze of no length',
      '  freezes:\n    - name: Q\n      from: 2026-06-10T12:00:00Z\n      to: 2026-06-10T12:00:00Z\n',
      /policy\.freezes\[0\]\.to: must lie after from/,
    ],
    [
      'a time without a zone',
      '  freezes:\n    - name: Q\n      from: 2026-06-10T12:00:00\n      to: 2026-06-11T12:00:00Z\n',
      /connector\.yaml:10 policy\.freezes\[0\]\.from: must be a time with its zone, such as/,
    ],
    [
      'a date that does not exist',
      '  freezes:\n    - name: Q\n      from: 2026-02-30T12:00:00Z\n      to: 2026-06-11T12:00:00Z\n',
      /policy\.freezes\[0\]\.from: must be a time/,
    ],
    [
      'two freezes of one name',
      '  freezes:\n    - { name: Year end, from: 2026-06-10T12:00:00Z, to: 2026-06-11T12:00:00Z }\n    - { name: year end, from: 2026-07-10T12:00:00Z, to: 2026-07-11T12:00:00Z }\n',
      /connector\.yaml:10 policy\.freezes\[1\]\.name: "year end" is used twice/,
    ],
    [
      'a freeze without a name',
      '  freezes:\n    - { from: 2026-06-10T12:00:00Z, to: 2026-06-11T12:00:00Z }\n',
      /connector\.yaml:9 policy\.freezes\[0\]\.name: is missing/,
    ],
    [
      'a key that does not exist in a freeze',
      '  freezes:\n    - name: Q\n      from: 2026-06-10T12:00:00Z\n      to: 2026-06-11T12:00:00Z\n      enviroments: [production]\n',
      /connector\.yaml:12 policy\.freezes\[0\]\.enviroments: there is no such setting/,
    ],
    [
      'a key that does not exist in the section',
      '  freeze: []\n',
      /connector\.yaml:8 policy\.freeze: there is no such setting/,
    ],
    [
      'a type of change that does not exist',
      '  change_types:\n    urgent: { approval: false }\n',
      /connector\.yaml:9 policy\.change_types\.urgent: there is no such setting/,
    ],
    [
      'an exception for a type of change that does not exist',
      '  freezes:\n    - { name: Q, from: 2026-06-10T12:00:00Z, to: 2026-06-11T12:00:00Z, except_change_types: [urgent] }\n',
      /connector\.yaml:9 policy\.freezes\[0\]\.except_change_types\[0\]: .*standard.*normal.*emergency/,
    ],
    [
      'a rule of a type of change that does not exist',
      '  change_types:\n    normal:\n      aproval: false\n',
      /connector\.yaml:10 policy\.change_types\.normal\.aproval: there is no such setting/,
    ],
    [
      'two incident types of one name',
      '  classification:\n    types:\n      - { type: disk, label: Disk, words: [disk] }\n      - { type: disk, label: Disks, words: [disks] }\n',
      /connector\.yaml:11 policy\.classification\.types\[1\]\.type: "disk" is used twice/,
    ],
    [
      'a blank word',
      '  classification:\n    types:\n      - { type: disk, label: Disk, words: [disk, " "] }\n',
      /connector\.yaml:10 policy\.classification\.types\[0\]\.words\[1\]: is blank/,
    ],
    [
      'a threshold that is a percentage',
      '  catalog: { threshold: 80 }\n',
      /connector\.yaml:8 policy\.catalog\.threshold: /,
    ],
    [
      'a wait that is no duration',
      '  max_wait: 3w\n',
      /connector\.yaml:8 policy\.max_wait: must be a duration such as 30s, 10m, 2h or 7d/,
    ],
  ])('%s', (_name, policy, expected) => {
    const problems = problemsOf(policy)

    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(expected)
  })

  it('everything wrong at once', () => {
    const problems = problemsOf(
      '  freezes:\n    - { name: Q, from: 2026-06-11T12:00:00Z, to: 2026-06-10T12:00:00Z }\n    - { name: Q, from: 2026-06-11T12:00:00Z, to: 2026-06-10T12:00:00Z }\n',
    )

    expect(problems.map((line) => /policy\S+(?=:)/.exec(line)?.[0])).toEqual([
      'policy.freezes[0].to',
      'policy.freezes[1].to',
      'policy.freezes[1].name',
    ])
  })
})
