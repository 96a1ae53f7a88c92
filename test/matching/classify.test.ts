// Incident types by words: what decides, and what abstains.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Classification } from '#shared/preview.ts'

import { classify, textOf } from '../../connector/matching/classify.ts'
import { foldText } from '../../connector/matching/fold-text.ts'
import { defaultPolicy } from '../../connector/policy.ts'

const { types } = defaultPolicy.classification

function typeOf(text: string): string | null {
  return classify(text, types)?.label ?? null
}

describe('classify', () => {
  it('says the type with the words that decided', () => {
    const result = classify('No space left on /var, inodes are fine but the disk is not', types)

    expect(result).toEqual({
      label: 'disk',
      source: 'keywords',
      confidence: 1,
      words: ['no space left', 'disk'],
      reason: 'The ticket says "no space left", "disk", which speaks for Disk space.',
    })
  })

  it.each([
    ['DISK FULL on web-01', 'disk'],
    ['服务器磁盘空间不足，请清理', 'disk'],
    ['数据库服务器的表空间', 'database'],
    ['web-01的disk满了', 'disk'],
    ['Out of   memory\nkiller', 'cpu-memory'],
    ['VPN drops every hour', 'network'],
    ['ｄｉｓｋ', 'disk'],
    ['Prod_disk /data_disk', 'disk'],
  ])('reads %s as %s', (text, expected) => {
    expect(typeOf(text)).toBe(expected)
  })

  it.each([
    'Diskette drive of the museum',
    'a floppydisk',
    'disk1',
    'The unswitch portal',
    '',
    'My chair is broken',
  ])('does not find a word inside another: %s', (text) => {
    expect(typeOf(text)).toBeNull()
  })

  it('abstains when two types have equally many words', () => {
    expect(typeOf('disk and cpu')).toBeNull()
  })

  it('goes with the greater share and says how great it is', () => {
    const result = classify('cpu and swap are high, the disk is slow', types)

    expect(result).toMatchObject({ label: 'cpu-memory', words: ['cpu', 'swap'] })
    expect(result?.confidence).toBeCloseTo(2 / 3)
    expect(result?.reason).toContain('(2 of 3 words found)')
  })

  it('counts a phrase once, not its words as well', () => {
    // "disk full" would otherwise be two words for disk against two for memory.
    const result = classify('disk full, memory high, cpu high', types)

    expect(result).toMatchObject({ label: 'cpu-memory', words: ['memory', 'cpu'] })
  })

  it('ignores how often a word is repeated', () => {
    expect(typeOf('disk disk disk disk cpu memory')).toBe('cpu-memory')
  })

  it('takes words as they are, not as patterns, without case and accents', () => {
    const own = [
      { type: 'cpp', label: 'C++', words: ['C++', '(x|y'] },
      { type: 'cafe', label: 'Café', words: ['CAFÉ', 'cafe'] },
    ]

    expect(classify('the c++ compiler', own)?.label).toBe('cpp')
    expect(classify('the c compiler', own)).toBeNull()
    expect(classify('Le cafe est ferme', own)).toMatchObject({ label: 'cafe', words: ['cafe'] })
  })

  it('never throws, is the same every time, keeps to its contract and names only words of the text', () => {
    const words = types.flatMap((type) => type.words)
    const text = fc
      .array(
        fc.oneof(
          fc.constantFrom(...words),
          fc.string({ unit: 'binary' }),
          fc.constantFrom(' ', ', ', '的'),
        ),
      )
      .map((parts) => parts.join(' '))

    fc.assert(
      fc.property(text, (ticket) => {
        const result = classify(ticket, types)
        expect(classify(ticket, types)).toEqual(result)
        if (result === null) return
        expect(Classification.parse(result)).toEqual(result)
        expect(result.words.length).toBeGreaterThan(0)
        for (const word of result.words) expect(foldText(ticket)).toContain(foldText(word))
        const own = types.find(({ type }) => type === result.label)?.words ?? []
        expect(own).toEqual(expect.arrayContaining(result.words))
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('textOf', () => {
  it('joins what a ticket says about itself', () => {
    const fields = {
      short_description: { value: 'Disk full' },
      description: { value: 'on web-01' },
    }

    expect(textOf(fields)).toBe('Disk full\non web-01')
    expect(textOf({})).toBe('')
  })
})
