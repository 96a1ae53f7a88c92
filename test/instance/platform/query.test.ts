import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { fromStored } from './clock.ts'
import type { QueryContext, QueryRecord } from './query-compare.ts'
import { UnsupportedQueryError } from './query-parse.ts'
import { compileFilter } from './query.ts'

interface Case {
  id: string
  query: string
  record: Record<string, string | null>
  expected: boolean | 'UNSUPPORTED'
  why: string
  profile?: 'list' | 'filter'
  context?: {
    now?: string
    user?: string
    previous?: Record<string, string | null>
    display?: Record<string, string>
    dynamic?: Record<string, string[]>
    class_chain?: Record<string, string[]>
  }
}

// Cases taken from the platform's documentation, written without any evaluator at hand (test/vectors).
const cases = JSON.parse(vector('encoded-query-cases.json')) as Case[]
const types = JSON.parse(vector('encoded-query-dictionary.json')) as Record<string, string>

function vector(name: string): string {
  return readFileSync(new URL(`../../vectors/${name}`, import.meta.url), 'utf8')
}

function view(
  record: Record<string, string | null>,
  display: Record<string, string> = {},
): QueryRecord {
  return {
    value: (field) => record[field] ?? '',
    display: (field) => display[field] ?? record[field] ?? '',
  }
}

function evaluate(one: Case): boolean | 'UNSUPPORTED' {
  const { context = {} } = one
  const surroundings: QueryContext = {
    profile: one.profile ?? 'list',
    type: (field) => types[field] ?? null,
    now: new Date(fromStored(context.now ?? '2026-06-10 12:00:00') ?? 0),
    userSysId: context.user ?? '',
    classChain: (name) => context.class_chain?.[name] ?? [name],
    ...(context.previous ? { previous: view(context.previous) } : {}),
    ...(context.dynamic ? { dynamic: context.dynamic } : {}),
  }
  try {
    return compileFilter(one.query, surroundings)(view(one.record, context.display))
  } catch (error) {
    if (error instanceof UnsupportedQueryError) return 'UNSUPPORTED'
    throw error
  }
}

test.each(cases)('$id $query', (one) => {
  expect(evaluate(one), one.why).toBe(one.expected)
})

test('an operator that is not emulated fails visibly instead of matching', () => {
  const one = {
    id: '',
    query: 'cmdb_ciIN_HIERARCHYx',
    record: {},
    expected: 'UNSUPPORTED',
    why: '',
  } as const

  expect(evaluate(one)).toBe('UNSUPPORTED')
})
