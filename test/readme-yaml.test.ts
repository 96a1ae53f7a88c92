// The YAML of README is what people copy: every block is read by the code it is for, and every key that a job
// template or the policy can have is shown there.
import { readFileSync } from 'node:fs'

import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import { JobTemplate } from '#shared/job-template.ts'

import { ConfigFile } from '../connector/config-file.ts'
import { policyMistakes } from '../connector/policy-mistakes.ts'
import { Policy } from '../connector/policy.ts'
import { checkMatchRules } from '../connector/rule-tools/check-rules.ts'
import { parseTemplate } from '../connector/templates/parse.ts'

const blocks = [...readFileSync('README.md', 'utf8').matchAll(/^( *)```yaml\n(.*?)^ *```$/gms)].map(
  ([, indent = '', text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
)

/** The one block that has a line beginning with these words. */
function blockWith(start: string): string {
  const [found, ...more] = blocks.filter(
    (text) => text.includes(`\n${start}`) || text.startsWith(start),
  )
  if (found === undefined || more.length > 0) throw new Error(`not one block with ${start}`)
  return found
}

const template = blockWith('name:')
const optional = blockWith('pre_checks:')
const policy = blockWith('policy:')
const config = blockWith('platforms:')

/** The full template: what is optional takes the place of the one job, on every table and with the parameter it names. */
function everything(): string {
  const base = template
    .replace(/^job: .*\nnames: .*\n/m, '')
    .replace('\nparameters:', '$&\n  - { name: hosts, type: text, label: Hosts }')
    .replace(
      /\n {2}- table: incident\n/,
      [
        '',
        '  - { table: change_request, when: active=true, trigger: [created] }',
        '  - { table: sc_req_item, when: active=true, trigger: [ordered] }',
        '  - table: incident',
        '',
      ].join('\n'),
    )
  return `${base}\n${optional}`
}

/** Names of the keys of a schema, also those further down: `limits.max_runs.count`. */
function keysOf(schema: z.core.JSONSchema._JSONSchema | undefined, path = ''): string[] {
  if (typeof schema !== 'object') return []
  const part = schema.items ?? schema
  if (typeof part !== 'object' || Array.isArray(part)) return []
  return Object.entries(part.properties ?? {}).flatMap(([key, inner]) => {
    const own = path === '' ? key : `${path}.${key}`
    return [own, ...keysOf(inner, own)]
  })
}

describe('the YAML of README', () => {
  it('is known block by block', () => {
    expect(blocks.toSorted()).toEqual([template, optional, policy, config].toSorted())
  })

  it('has a job template that can be published as it stands', () => {
    expect(parseTemplate('free-disk-space.yaml', template)).toMatchObject({ ok: true })
  })

  it('has every optional key in a form that can be published', () => {
    const parsed = parseTemplate('everything.yaml', everything())

    expect(parsed.ok ? [] : parsed.problems).toEqual([])
    expect(parsed.ok && checkMatchRules(parsed.loaded.template, new Map()).problems).toEqual([])
  })

  it('shows every key of a job template', () => {
    const shown = new Set([template, optional].flatMap((text) => Object.keys(parse(text))))

    expect(Object.keys(JobTemplate.shape).filter((key) => !shown.has(key))).toEqual([])
  })

  it('names every key of the conditions, however deep', () => {
    const schema = z.toJSONSchema(JobTemplate, { io: 'input' })
    const conditions = [
      'targets',
      'environment',
      'limits',
      'rollout',
      'blast_radius',
      'on_ticket',
      'change',
      'catalog',
    ]
    const wanted = conditions.flatMap((key) =>
      keysOf(schema.properties?.[key]).map((inner) => inner.split('.').at(-1) ?? ''),
    )

    expect(wanted.length).toBeGreaterThan(25)
    expect(wanted.filter((key) => !new RegExp(`\\b${key}:`).test(optional))).toEqual([])
  })

  it('has a policy without mistakes, that shows every part of it', () => {
    const written: unknown = parse(policy)
    const parsed = z.strictObject({ policy: Policy }).parse(written)

    expect(policyMistakes(parsed.policy)).toEqual([])
    expect(Object.keys(Policy.shape).filter((key) => !policy.includes(`\n  ${key}:`))).toEqual([])
  })

  it('shows the defaults of the types of changes as they are', () => {
    const { change_types: shown } = z.object({ policy: Policy }).parse(parse(policy)).policy

    expect(shown).toEqual(Policy.parse({}).change_types)
  })

  it('has a connector.yaml', () => {
    const written: unknown = parse(config.replaceAll('…', 'x'))

    expect(ConfigFile.safeParse(written).error?.issues ?? []).toEqual([])
  })
})
