import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { maskSecrets, redact, secretMask } from '../../connector/templates/parameters.ts'
import { templateWith } from './sample.ts'

const secret = fc
  .string({ minLength: 4, maxLength: 40, unit: 'binary' })
  .filter((text) => !text.includes('•'))

describe('redact', () => {
  test('leaves no secret, whatever surrounds it', () => {
    const noise = fc.string({ maxLength: 20, unit: 'binary' })
    fc.assert(
      fc.property(
        fc.array(secret, { minLength: 1, maxLength: 4 }),
        fc.array(fc.tuple(noise, fc.nat(), fc.constantFrom('plain', 'json')), { maxLength: 8 }),
        (secrets, parts) => {
          const text = parts
            .map(([before, index, form]) => {
              const chosen = secrets[index % secrets.length] ?? ''
              return before + (form === 'json' ? JSON.stringify(chosen) : chosen)
            })
            .join('')

          const result = redact(text, secrets)

          for (const value of secrets) {
            expect(result).not.toContain(value)
            expect(result).not.toContain(JSON.stringify(value).slice(1, -1))
          }
        },
      ),
    )
  })

  test('leaves a text without secrets as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(redact(text, ['no such thing in here'])).toBe(text)
      }),
    )
  })

  test.each([
    ['one', 'pass=hunter22;', ['hunter22'], `pass=${secretMask};`],
    ['several', 'hunter22 hunter22', ['hunter22'], `${secretMask} ${secretMask}`],
    ['at both ends', 'hunter22x', ['hunter22'], `${secretMask}x`],
    ['overlapping ones', 'xabcdefghy', ['abcdef', 'efgh'], `x${secretMask}y`],
    ['one inside another', 'xabcdefy', ['cdef', 'abcdef'], `x${secretMask}y`],
    ['one in a URL', 'https://u:p%40ss%2Fword@host', ['p@ss/word'], `https://u:${secretMask}@host`],
    ['one as JSON', String.raw`{"a":"say \"hello\""}`, ['say "hello"'], `{"a":"${secretMask}"}`],
    ['a line of one', 'saw -----KEY-----', ['-----KEY-----\nAAAA\n'], `saw ${secretMask}`],
    ['too short', 'abc', ['abc', ''], 'abc'],
    ['with special characters', 'a.*+?b', ['.*+?'], `a${secretMask}b`],
  ])('hides secrets: %s', (...row) => {
    const [, text, secrets, expected] = row

    expect(redact(text, secrets)).toBe(expected)
  })
})

describe('maskSecrets', () => {
  test('shows no value of a secret parameter and every other value', () => {
    const template = templateWith([
      { name: 'token', type: 'secret', label: 'Token' },
      { name: 'host', type: 'string', label: 'Host' },
    ])
    fc.assert(
      fc.property(secret, fc.string(), (token, host) => {
        expect(maskSecrets(template, { token, host })).toEqual({ token: secretMask, host })
      }),
    )
    expect(maskSecrets(template, { token: null, host: null })).toEqual({ token: null, host: null })
  })
})
