// What is learned from tickets that an automation solved: right often enough where it speaks, silent elsewhere.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { Classification } from '#shared/preview.ts'

import { calibrate, confidenceAt } from '../../connector/matching/calibrate.ts'
import { foldText } from '../../connector/matching/fold-text.ts'
import { suggest, train, trainInSteps, wordsOf } from '../../connector/matching/learned.ts'
import type { Example } from '../../connector/matching/learned.ts'
import { examplesOf, measure } from '../bench/classifier.ts'
import { knownTexts, strangeTexts } from '../bench/incident-texts.ts'

const promised = 0.95
const model = train(examplesOf(knownTexts(1_500, 11)), promised)

function tickets(label: string, text: string, count: number): Example[] {
  return Array.from({ length: count }, () => ({ label, words: wordsOf(text) }))
}

describe('on tickets it has not seen', () => {
  it.each([[101], [102], [103]])('keeps its promise and speaks often, seed %i', (seed) => {
    const { precision, coverage } = measure(model, knownTexts(1_500, seed), [])

    expect(precision).toBeGreaterThanOrEqual(promised)
    expect(coverage).toBeGreaterThan(0.5)
  })

  it('is silent about kinds nobody has taught it', () => {
    const measured = measure(model, knownTexts(1_500, 104), strangeTexts(1_500, 105))

    expect(measured.strangers_suggested).toBeLessThan(0.01)
    expect(measured.precision_with_strangers).toBeGreaterThanOrEqual(promised)
  })

  it.each([
    ['Password expired, I forgot my password', 'reset-password'],
    ['数据库死锁，会话锁表', 'kill-blocking-session'],
    ['DISK FULL on WEB-01: no space left on device', 'free-disk-space'],
  ])('knows "%s"', (text, label) => {
    expect(suggest(model, text)).toMatchObject({ label, source: 'learned' })
  })

  it.each([
    '',
    '    ',
    'Hello, please help, urgent!',
    '您好，请帮忙',
    'ticket 12345',
    '\0\ud800 🙂',
  ])('says nothing about "%s"', (text) => {
    expect(suggest(model, text)).toBeNull()
  })

  it('names the words that spoke most for it, and no small talk', () => {
    const result = suggest(model, 'Hello, print jobs stuck in the queue, spooler service stopped')

    expect(result?.label).toBe('restart-print-spooler')
    expect(result?.words).toEqual(expect.arrayContaining(['print', 'spooler']))
    expect(result?.words).not.toContain('hello')
    expect(result?.reason).toContain('"spooler"')
    expect(result?.confidence).toBeGreaterThanOrEqual(promised)
  })

  it('gives the same answer every time, in its contract, with words of the text, and never throws', () => {
    const learned = knownTexts(40, 12).map(({ text }) => text)
    const part = fc.oneof(fc.constantFrom(...learned), fc.string({ unit: 'binary' }), fc.lorem())
    const text = fc.array(part, { maxLength: 4 }).map((parts) => parts.join('\n'))

    fc.assert(
      fc.property(text, (ticket) => {
        const result = suggest(model, ticket)
        expect(suggest(model, ticket)).toEqual(result)
        if (result === null) return
        expect(Classification.parse(result)).toEqual(result)
        expect(model.labels).toContain(result.label)
        expect(result.words.length).toBeGreaterThan(0)
        for (const word of result.words) expect(foldText(ticket)).toContain(word)
      }),
      { numRuns: 1_000 },
    )
  })

  it('does not depend on the order of the tickets it learned from', () => {
    const examples = examplesOf(knownTexts(600, 13))
    const [one, other] = [train(examples, promised), train(examples.toReversed(), promised)]

    expect(other.calibration?.threshold).toBeCloseTo(one.calibration?.threshold ?? Number.NaN, 9)
    for (const { text } of knownTexts(200, 14)) {
      expect(suggest(other, text)?.label).toBe(suggest(one, text)?.label)
    }
  })
})

describe('with too little to learn from', () => {
  it.each([
    ['nothing', []],
    ['one template', tickets('free-disk-space', 'disk full', 500)],
    [
      'two templates, one of them too rare',
      [...tickets('free-disk-space', 'disk full', 500), ...tickets('unlock', 'account locked', 19)],
    ],
    [
      'two templates whose tickets say the same',
      [...tickets('one', 'it is broken', 100), ...tickets('two', 'it is broken', 100)],
    ],
    ['tickets without words', [...tickets('one', '1', 100), ...tickets('two', '2', 100)]],
  ])('never suggests anything: %s', (_, examples) => {
    const small = train(examples, promised)

    expect(small.calibration).toBeNull()
    expect(suggest(small, 'disk full')).toBeNull()
    expect(suggest(small, 'it is broken')).toBeNull()
  })

  it('begins to suggest with 20 clear tickets of each of two templates', () => {
    const small = train(
      [...tickets('disk', 'disk full', 20), ...tickets('unlock', 'account locked', 20)],
      promised,
    )

    expect(suggest(small, 'DISK full!')?.label).toBe('disk')
    expect(suggest(small, 'something else')).toBeNull()
  })

  it('never suggests when every suggestion must be right for sure', () => {
    expect(train(examplesOf(knownTexts(1_500, 11)), 1).calibration).toBeNull()
  })
})

describe('wordsOf', () => {
  it('folds, splits English and Chinese, and leaves out addresses, digits and repeats', () => {
    const text =
      'Disk FULL on web-01 (10.0.0.12, web-01.prod.example.com): 磁盘空间不足! see https://wiki/x or a.b@example.com, disk café'

    expect(wordsOf(text)).toEqual([
      'disk',
      'full',
      'on',
      'web',
      '磁盘',
      '空间',
      '不足',
      'see',
      'or',
      'cafe',
    ])
  })

  it('reads a log of half a megabyte in a moment and keeps a bounded number of words', () => {
    const log = Array.from(
      { length: 20_000 },
      (_, i) => `wort${'abcdefghij'[i % 10]}${i.toString(36)}x`,
    )

    expect(wordsOf(log.join(' ')).length).toBeLessThanOrEqual(200)
  })
})

describe('training in steps', () => {
  it('gives way often: after 50 tickets counted, twice, and 4 tickets tried', () => {
    const steps = trainInSteps(examplesOf(knownTexts(2_000, 15)), promised)
    let count = 0
    while (steps.next().done !== true) count += 1

    expect(count).toBeGreaterThanOrEqual(2_000 / 50 + 2_000 / 50 + 2_000 / 4)
  })

  it('knows the most frequent words only when there are too many to know all', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => ({
      label: index % 2 === 0 ? 'one' : 'two',
      words: [
        'often',
        ...Array.from({ length: 60 }, (_, place) => `word${(index * 30 + place) % 30_000}`),
      ],
    }))

    const { counts } = train(many, promised)

    expect(counts.has('often')).toBe(true)
    expect(counts.size).toBeLessThanOrEqual(20_000)
  })
})

describe('calibrate', () => {
  const trial = fc.record({
    score: fc.option(fc.double({ min: -5, max: 5, noNaN: true })),
    right: fc.boolean(),
  })

  it('finds a threshold above which enough of the trials were right, or none', () => {
    fc.assert(
      fc.property(
        fc.array(trial, { maxLength: 200 }),
        fc.double({ min: 0.5, max: 0.99 }),
        (trials, target) => {
          const calibration = calibrate(trials, target)
          if (calibration === null) return
          const above = trials.filter(
            ({ score }) => score !== null && score >= calibration.threshold,
          )
          const right = above.filter((one) => one.right).length / above.length
          expect(right).toBeGreaterThanOrEqual(target)
          expect(calibration.precision).toBeCloseTo(right)
          for (const { score } of above) {
            const confidence = confidenceAt(calibration, score ?? 0)
            expect(confidence).toBeGreaterThanOrEqual(0)
            expect(confidence).toBeLessThanOrEqual(1)
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('takes luck into account: a few right answers show nothing', () => {
    const right = Array.from({ length: 40 }, (_, score) => ({ score, right: true }))

    expect(calibrate(right.slice(0, 20), 0.95)).toBeNull()
    expect(calibrate(right, 0.95)?.threshold).toBe(0)
  })
})
