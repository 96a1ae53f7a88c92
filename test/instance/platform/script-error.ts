// Errors that scripts throw come from other JavaScript worlds, or are no errors at all.

/** Text of anything a script may throw, with the place in the script where it is known. */
export function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error)
  const { message, stack } = error as { message?: unknown; stack?: unknown } // errors of other worlds
  const place = typeof stack === 'string' ? /\n\s+at [^\n]*/.exec(stack)?.[0] : undefined
  // eslint-disable-next-line typescript/no-base-to-string -- whatever it was, the log should show it
  return `${typeof message === 'string' ? message : String(error)}${place ? ` (${place.trim()})` : ''}`
}
