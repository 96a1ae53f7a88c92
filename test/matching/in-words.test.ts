// How conditions read to a person.
import { describe, expect, it } from 'vitest'

import { clauseInWords, termInWords } from '../../connector/matching/in-words.ts'
import { parseQuery } from '../../connector/matching/parse-query.ts'
import type { Term } from '../../connector/matching/parse-query.ts'

function clause(query: string): readonly Term[] {
  const parsed = parseQuery(query)
  if (!parsed.ok) throw new Error(parsed.reason)
  return parsed.groups[0]?.[0] ?? []
}

describe('a clause in words', () => {
  it.each([
    ['category=network', 'category is "network"'],
    ['active=true', 'active is true'],
    ['priority<=2', 'priority is at most 2'],
    ['short_descriptionLIKEdisk', 'short description contains "disk"'],
    ['short_descriptionNOT LIKEtest', 'short description does not contain "test"'],
    ['cmdb_ci.nameSTARTSWITHlnx', 'cmdb ci name starts with "lnx"'],
    ['stateIN1,2', 'state is one of "1", "2"'],
    ['assigned_toISEMPTY', 'assigned to is empty'],
    ['assigned_to=', 'assigned to is empty'],
    ['stateVALCHANGES', 'state changed'],
    ['priority=1^ORpriority=2', 'priority is 1 or 2'],
    ['titleLIKEa^ORtitleLIKEb^ORkind=c', 'title contains "a" or "b" or kind is "c"'],
    ['assigned_to=^ORassigned_to=x', 'assigned to is empty or "x"'],
    ['opened_atRELATIVEGT@hour@ago@2', '"opened_atRELATIVEGT@hour@ago@2"'],
  ])('%s', (query, words) => {
    expect(clauseInWords(clause(query))).toBe(words)
  })

  it('shortens a long value', () => {
    const [term] = clause(`title=${'x'.repeat(500)}`)

    expect(term === undefined ? '' : termInWords(term)).toMatch(/^title is "x{79}…"$/)
  })
})
