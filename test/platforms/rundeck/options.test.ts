// What Rundeck's way of carrying options does to a value, against what the driver lets through.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { isCarried } from '../../../connector/platforms/rundeck/job-options.ts'
import { throughArgline } from './argline.ts'

/** Characters that mean something to Rundeck, among others that do not. */
const oddCharacter = fc.constantFrom(
  ...` "'\\\r\n\t\u0001\u001B-=\${}:DATE`.split(''),
  'é',
  '你',
  '👩‍👩‍👧',
  '\u2028',
)
const value = fc.oneof(
  fc.array(oddCharacter, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('${DATE:yyyy}', '${DATE+1:yyyy}x', 'a${DATE', '-mode', '""', "'"),
)

describe('an option that the driver lets through', () => {
  it('comes out of Rundeck as it went in, whatever stands before and after it', () => {
    fc.assert(
      fc.property(value, value, value, (before, wanted, after) => {
        fc.pre([before, wanted, after].every((text) => isCarried(text)))
        const options = { before, wanted, after, ticket_automation_token: 'token-1' }

        expect(throughArgline(options).options).toEqual(options)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is any text that needs no quotes, and any that Rundeck quotes', () => {
    for (const text of ['db01', '', 'two words', 'tab\tand space', 'line\nbreak\twith tab', '"']) {
      expect([text, isCarried(text)]).toEqual([text, true])
    }
  })
})

it('would be cut at a tab if the driver let it through', () => {
  const { options } = throughArgline({ text: 'one\ttwo', mode: 'safe' })

  expect(isCarried('one\ttwo')).toBe(false)
  expect(options['text']).toBe('one')
})
