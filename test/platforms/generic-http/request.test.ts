// Whatever stands in a ticket, a described request keeps its shape.
import fc from 'fast-check'
import { expect, it } from 'vitest'

import { ConnectorError } from '../../../connector/errors.ts'
import type { Call } from '../../../connector/platforms/generic-http/options.ts'
import { makeRequest } from '../../../connector/platforms/generic-http/request.ts'

const call: Call = {
  method: 'POST',
  path: '/jobs/{parameters.text}/runs/v{parameters.text}.json',
  query: { q: '{parameters.text}', fixed: 'yes' },
  headers: { 'X-Text': 'of {$encodeUrlComponent(parameters.text)}' },
  body: '{"text": parameters.text, "list": targets}',
  answer: 'json',
}

/** Unicode text of all kinds, and the pieces that have meant something in an address. */
const texts = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('a\uD800b', '\uDC00', 'a\0b'),
  fc
    .array(
      fc.constantFrom('..', '.', '/', '\\', '%2e', '%2F', '?', '#', '\r\n', ';', '@', ':', 'a'),
    )
    .map((parts) => parts.join('')),
)

it('fills its places with any text and changes nothing around them', async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const facts = { parameters: { text }, targets: [text] }

      const request = await makeRequest('launch', call, { open: facts, all: facts }).catch(
        (error: unknown) => error,
      )

      if (request instanceof ConnectorError) {
        expect(request.code).toBe('parameters_invalid')
        expect(['', '.', '..'].includes(text) || !text.isWellFormed()).toBe(true)
        return
      }
      // What is not an error is a request.
      const { path, headers, body } = request as Awaited<ReturnType<typeof makeRequest>>
      const url = new URL(`https://jobs.example.com/api${path}`)
      const segments = url.pathname.split('/').map((segment) => decodeURIComponent(segment))
      expect(url.host).toBe('jobs.example.com')
      expect(segments).toEqual(['', 'api', 'jobs', text, 'runs', `v${text}.json`])
      expect([...url.searchParams]).toEqual([
        ['q', text],
        ['fixed', 'yes'],
      ])
      expect(url.hash).toBe('')
      expect(Object.keys(headers ?? {})).toEqual(['X-Text', 'content-type'])
      expect(headers?.['X-Text']).toMatch(/^[ -~]+$/)
      expect(JSON.parse(String(body))).toEqual({ text, list: [text] })
    }),
    { numRuns: 500 },
  )
})
