// JSONata expressions of templates (https://docs.jsonata.org): compiled once, evaluated one at a time
// under limits. What they see comes from tickets, so it may be anything.
import jsonata from 'jsonata'

import { readsOf } from './expression-reads.ts'
import type { Read } from './expression-reads.ts'
import { rootNames } from './root-names.ts'
import { withTimeLimit } from './time-limit.ts'

/** One evaluation may take this long, in milliseconds; mapping a few fields takes less than one. */
export const evaluationLimitMs = 250

/** Calls inside calls; JSONata evaluates recursively, so this also guards our own stack. */
const maxDepth = 200

/** Longest list an expression may build. */
const maxSequence = 100_000

/** Longest text an expression may give, in UTF-16 units; an event cannot carry more. */
const maxTextLength = 2_000_000

/** Compiled expressions kept; the oldest goes first. */
const cacheSize = 2_000
const compiled = new Map<string, jsonata.Expression>()

/** Evaluations wait for each other: the time limit is wall-clock, and a slow one must not use up another's. */
let lastEvaluation: Promise<unknown> = Promise.resolve()

/** Value of an expression (undefined = it gives nothing), or the reason why there is none. */
export type Evaluation = { ok: true; value: unknown } | { ok: false; reason: string }

/**
 * The reason why the expression cannot be used, or null when it can. `roots` are the names it may start
 * from: one that starts elsewhere would silently give nothing.
 */
export function expressionProblem(expression: string, roots: readonly string[]): string | null {
  try {
    const unknown = rootNames(compile(expression).ast()).find((name) => !roots.includes(name))
    if (unknown === undefined) return null
    return `starts from "${unknown}", but there is only ${roots.join(', ')}`
  } catch (error) {
    return reasonOf(error)
  }
}

/** What the expression reads of its facts; a broken one, which gives no value, reads nothing. */
export function expressionReads(expression: string): Read[] {
  try {
    return readsOf(compile(expression).ast())
  } catch {
    // expressionProblem has said so to the admin.
    return []
  }
}

/** Evaluates the expression over the facts. Never rejects; every failure is a reason. */
export function evaluateExpression(expression: string, facts: object): Promise<Evaluation> {
  const evaluation = lastEvaluation.then(() => evaluateNow(expression, facts))
  lastEvaluation = evaluation
  return evaluation
}

/** The event loop gets its turn after this much evaluating, in milliseconds: workers have heartbeats to send. */
const turnMs = 20
let turnBegan = performance.now()

async function evaluateNow(expression: string, facts: object): Promise<Evaluation> {
  if (performance.now() - turnBegan > turnMs) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    turnBegan = performance.now()
  }
  try {
    const value: unknown = await compile(expression).evaluate(facts)
    if (typeof value === 'string' && value.length > maxTextLength) {
      return { ok: false, reason: `the text is longer than ${maxTextLength} characters` }
    }
    if (isFunction(value)) return { ok: false, reason: 'the expression gives a function' }
    return { ok: true, value }
  } catch (error) {
    return { ok: false, reason: reasonOf(error) }
  }
}

/** How JSONata marks the functions of an expression and its own. */
function isFunction(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return typeof value === 'function'
  return '_jsonata_lambda' in value || '_jsonata_function' in value
}

function compile(expression: string): jsonata.Expression {
  const known = compiled.get(expression)
  if (known !== undefined) return known
  const result = jsonata(expression, {
    timeout: evaluationLimitMs,
    stack: maxDepth,
    sequence: maxSequence,
    // The class is enough of a RegExpConstructor for `new RegexEngine(regex)`, the only use JSONata makes of it.
    RegexEngine: LimitedRegExp as unknown as RegExpConstructor,
  })
  // Text of a ticket must never become an expression.
  result.registerFunction('eval', refuseEval)
  const oldest = compiled.keys().next()
  if (compiled.size >= cacheSize && !oldest.done) compiled.delete(oldest.value)
  compiled.set(expression, result)
  return result
}

function refuseEval(): never {
  throw new Error('$eval is not available in templates')
}

/** JSONata's own limits are looked at between steps, and a regular expression is one step. */
class LimitedRegExp extends RegExp {
  override exec(text: string): RegExpExecArray | null {
    // The time limit costs half a millisecond, a hundred times what most expressions take.
    if (mostSteps(this.source, text.length) < fewSteps) return super.exec(text)
    const result = withTimeLimit(evaluationLimitMs, () => super.exec(text))
    if (!result.ok) throw new Error(`the regular expression /${this.source}/ takes too long`)
    return result.value
  }
}

/** Steps that take far less than the time limit. */
const fewSteps = 5_000_000

/**
 * Most steps a backtracking matcher can take: without groups every quantifier has at most as many choices as the
 * text has characters, and so has the start. With groups nothing is promised.
 */
function mostSteps(source: string, length: number): number {
  if (source.includes('(')) return Infinity
  const quantifiers = source.match(/[*+?{]/g)?.length ?? 0
  return source.length * Math.max(length, 1) ** (quantifiers + 1)
}

/** JSONata throws plain objects {code, message, position}; `position` counts characters of the expression. */
function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error)
  const position =
    'position' in error && typeof error.position === 'number' && !(error instanceof Error)
      ? ` (at character ${error.position} of the expression)`
      : ''
  return `${String(error.message)}${position}`
}
