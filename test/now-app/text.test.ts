import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { asciiJson as sharedAsciiJson, isCarriable } from '#shared/text.ts'

import { asciiJson, carriable, isAscii, parseJson } from '../../now-app/src/server/text.ts'

const anyText = fc.string({ unit: 'binary' })

describe('text of the app', () => {
  it('shows NUL and half characters instead of cutting them', () => {
    expect(carriable('a\0b\uD83Dc\uDE00d')).toBe('a\u2400b\uFFFDc\uFFFDd')
  })

  it('leaves emoji, right-to-left marks, quotes and newlines alone', () => {
    const text = 'é😀\u202E "quoted" \'single\' $(rm -rf /)\r\n\t<b>'

    expect(carriable(text)).toBe(text)
  })

  it('makes every text one that the contract carries', () => {
    const halves = fc
      .array(fc.constantFrom('\uD83D', '\uDE00', '\0', 'x', '😀'))
      .map((all) => all.join(''))

    fc.assert(fc.property(fc.oneof(halves, anyText), (text) => isCarriable(carriable(text))))
  })

  it('writes JSON that is ASCII, holds no $ and reads back the same', () => {
    const values = fc.dictionary(anyText, fc.oneof(anyText, fc.integer(), fc.boolean()))

    fc.assert(
      fc.property(values, (value) => {
        const json = asciiJson(value)
        expect(isAscii(json)).toBe(true)
        expect(json).not.toContain('$')
        expect(parseJson(json)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('writes what the other half writes, but for the dollar sign', () => {
    const value = { text: 'é ${x} 😀', number: 1.5, list: [null, true] }

    expect(asciiJson(value)).toBe(sharedAsciiJson(value).replaceAll('$', '\\u0024'))
  })

  it('calls what is not JSON undefined', () => {
    expect(parseJson('<html>')).toBeUndefined()
  })
})
