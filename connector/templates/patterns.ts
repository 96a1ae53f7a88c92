// Patterns of parameters: compiled once, tried against the whole value, never for longer than a limit.
import { withTimeLimit } from './time-limit.ts'

/** Longest pattern, in characters; more is a program and belongs into the job. */
const maxPatternLength = 500

/** Longest value a pattern is tried against, in UTF-16 units: backtracking grows with the value. */
export const maxPatternValueLength = 10_000

/** A pattern that needs longer than this backtracks without end on this value. */
const matchLimitMs = 250

/** Compiled patterns kept; the oldest goes first. */
const cacheSize = 1_000
const compiled = new Map<string, RegExp>()

/** Whether a value fits a pattern; `too_slow` and `too_long` = nobody knows, so it does not count as fitting. */
export type PatternResult = 'fits' | 'differs' | 'too_long' | 'too_slow'

/** The reason why a pattern cannot be used, or null when it can. */
export function patternProblem(pattern: string): string | null {
  if (pattern.length > maxPatternLength) {
    return `the pattern is longer than ${maxPatternLength} characters`
  }
  try {
    compile(pattern)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Tries the pattern (ECMAScript, unicode mode) against the whole value. Throws SyntaxError for a broken pattern. */
export function tryPattern(pattern: string, value: string): PatternResult {
  if (value.length > maxPatternValueLength) return 'too_long'
  const expression = compile(pattern)
  const result = withTimeLimit(matchLimitMs, () => expression.test(value))
  if (!result.ok) return 'too_slow'
  return result.value ? 'fits' : 'differs'
}

function compile(pattern: string): RegExp {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  // Alone first: a pattern such as `a)(b` is broken, and only the group around it would make it valid.
  void new RegExp(pattern, 'u')
  const expression = new RegExp(`^(?:${pattern})$`, 'u')
  const oldest = compiled.keys().next()
  if (compiled.size >= cacheSize && !oldest.done) compiled.delete(oldest.value)
  compiled.set(pattern, expression)
  return expression
}
