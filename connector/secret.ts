// A value that must not be shown. Logging, JSON and string building give a placeholder; only `reveal`
// gives the value, so every use of it can be found by searching for that word.
import { inspect } from 'node:util'

/** A secret value. */
export interface Secret {
  /** The value itself, for the one call that needs it. */
  reveal(): string
  toString(): string
  toJSON(): string
}

const placeholder = '[secret]'

/** Wraps a value so that it cannot be logged by accident. */
export function createSecret(value: string): Secret {
  return Object.freeze({
    reveal: () => value,
    toString: () => placeholder,
    toJSON: () => placeholder,
    [inspect.custom]: () => placeholder,
  })
}

/** A copy of a record whose values may be read by name but are not shown by printing or JSON. */
export function hideValues<T extends object>(record: T): T {
  return Object.defineProperties(
    { ...record },
    { toJSON: { value: () => placeholder }, [inspect.custom]: { value: () => placeholder } },
  )
}
