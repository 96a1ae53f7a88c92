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
    ['no answer', { ...attempt(0), answer: { ok: false, reason: 'refused' } as const }],
  ])('is tried again after %s', (_what, tried) => {
    expect(judge(tried).outcome).toBe('again')
  })

  it.each([400, 401, 403, 404, 409, 413, 422])(
    'is given up after %i, with code and detail',
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
