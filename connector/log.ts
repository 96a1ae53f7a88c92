// The log: JSON lines on stdout. Callers pass ids, codes and counts, never payloads or tokens; the
// redaction below is the second lock on that door, not the first.
import { pino } from 'pino'
import type { DestinationStream, Logger } from 'pino'

/** Levels a log can have. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** A logger; `child({ runId })` makes one that carries more. */
export type Log = Logger

/** Names whose values never reach a line, at the top and one level down. */
const secretNames = [
  'authorization',
  'token',
  'secret',
  'password',
  'client_secret',
  'clientSecret',
  'access_token',
  'connectionString',
  'body',
  'payload',
  'parameters',
]

/** A logger for the level; lines go to stdout unless `destination` says otherwise. */
export function createLog(level: LogLevel, destination?: DestinationStream): Log {
  const options = {
    level,
    base: { name: 'ticket-automation' },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    redact: {
      paths: secretNames.flatMap((name) => [name, `*.${name}`]),
      censor: '[redacted]',
    },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** What a line says of an error. Not its other members: PostgreSQL puts pieces of rows into some of them. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const { name, message, stack } = error
  const code = 'code' in error ? String(error.code) : undefined
  const cause = error.cause === undefined ? undefined : describeError(error.cause)
  return { name, message, code, stack, cause }
}
