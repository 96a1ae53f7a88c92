// A time limit for synchronous code. A regular expression cannot be interrupted from JavaScript, and one
// that backtracks without end would stop the whole connector; V8 can interrupt it, and node:vm is the
// door to that. Nothing is isolated here: the function runs with all it can see.
import { createContext, Script } from 'node:vm'

interface Slot {
  run: (() => unknown) | null
}

const slot: Slot = { run: null }
const context = createContext(slot)
const callSlot = new Script('run()')

/** The outcome of a call with a time limit. */
export type Limited<T> = { ok: true; value: T } | { ok: false }

/**
 * Calls `work` and gives its value, or `ok: false` when it took longer than `limitMs` milliseconds and
 * was interrupted. What `work` throws comes through.
 */
export function withTimeLimit<T>(limitMs: number, work: () => T): Limited<T> {
  // An array, because the value must not pass through the untyped result of the script.
  const values: T[] = []
  slot.run = () => {
    values.push(work())
  }
  try {
    callSlot.runInContext(context, { timeout: limitMs })
  } catch (error) {
    if (isTimeout(error)) return { ok: false }
    throw error
  } finally {
    slot.run = null
  }
  const [value] = values
  // `work` may well return undefined; it has run, because nothing was thrown.
  return { ok: true, value: value as T }
}

/** The error comes from the other context, so it is not an instance of this one's Error. */
function isTimeout(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false
  return error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
