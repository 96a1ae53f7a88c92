import { describe, expect, it } from 'vitest'

import { judge, type Attempt } from '../../now-app/src/server/retry.ts'

const eventId = 'e1'
const accepted = { event_id: eventId, status: 'accepted' }

function attempt(
  status: number,
  more: Partial<Attempt> & { json?: unknown; after?: number } = {},
): Attempt {
  const { json = null, after = null, ...rest } = more
  return {
    eventId,
    attempts: 1,
    maxAttempts: 8,
    jitter: 0,
    answer: { ok: true, status, json, retryAfterSeconds: after },
    ...rest,
  }
}

describe('what becomes of an outbox row', () => {
  it('is sent on a 202 that names its event', () => {
    expect(judge(attempt(202, { json: accepted }))).toEqual({ outcome: 'sent' })
  })

  it.each([
    ['a login page with 200', attempt(200)],
    ['a 200 with an error inside', attempt(200, { json: { error: 'x' } })],
    ['a 202 of somebody else', attempt(202, { json: { event_id: 'other' } })],
    ['a redirect', attempt(302)],
    ['408', attempt(408)],
    ['429', attempt(429)],
    ['500', attempt(500)],
    ['503', attempt(503)],
    ['a wrong key (401)', attempt(401, { json: { code: 'signature_unknown_key', detail: '' } })],
    ['a replayed token (401)', attempt(401, { json: { code: 'signature_replayed', detail: '' } })],
    ['a clone (403)', attempt(403, { json: { code: 'source_mismatch', detail: '' } })],
    ['a wrong path (404)', attempt(404, { json: { code: 'not_found', detail: '' } })],
    ["a proxy's 400 page", attempt(400, { json: undefined })],
    ["a proxy's 413 page", attempt(413, { json: undefined })],
    ['a status nobody knows', attempt(418)],
    ['no answer', { ...attempt(0), answer: { ok: false, reason: 'refused' } as const }],
  ])('is tried again after %s', (_what, tried) => {
    expect(judge(tried).outcome).toBe('again')
  })

  it.each([400, 405, 409, 413, 415, 422])(
    'is given up after %i of the connector, with code and detail',
    (status) => {
      const json = { code: 'event_invalid', detail: 'data.ticket.number: must be a number' }

      expect(judge(attempt(status, { json }))).toEqual({
        outcome: 'dead',
        reason: 'event_invalid: data.ticket.number: must be a number',
      })
    },
  )

  it.each([
    [1, 15],
    [2, 30],
    [3, 60],
    [7, 960],
  ])('waits after attempt %i for %i s', (attempts, waitSeconds) => {
    expect(judge(attempt(500, { attempts }))).toMatchObject({ outcome: 'again', waitSeconds })
  })

  it('waits an hour at most, and spreads the waits by a fifth', () => {
    const many = { attempts: 20, maxAttempts: 30 }

    expect(judge(attempt(500, many))).toMatchObject({ waitSeconds: 3600 })
    expect(judge(attempt(500, { ...many, jitter: 1 }))).toMatchObject({ waitSeconds: 4320 })
  })

  it('outlasts an outage of two days', () => {
    let seconds = 0
    let attempts = 1
    let verdict = judge(attempt(503, { attempts, maxAttempts: 60 }))
    while (verdict.outcome === 'again') {
      seconds += verdict.waitSeconds
      attempts += 1
      verdict = judge(attempt(503, { attempts, maxAttempts: 60 }))
    }

    expect(attempts).toBe(60)
    expect(seconds / 3600).toBeGreaterThan(48)
    expect(seconds / 3600).toBeLessThan(60)
  })

  it('waits as long as the connector asks, when that is longer', () => {
    expect(judge(attempt(429, { after: 120 }))).toMatchObject({ waitSeconds: 120 })
    expect(judge(attempt(429, { after: 1 }))).toMatchObject({ waitSeconds: 15 })
  })

  it('is given up after the last attempt, with the last reason', () => {
    expect(judge(attempt(503, { attempts: 8 }))).toEqual({
      outcome: 'dead',
      reason: 'Given up after 8 attempts. HTTP 503 without a reason',
    })
  })
})
