// What text may cross the border and how it is written there: the app's side of shared/text.ts.

/** A surrogate pair (kept), half of one, or NUL. */
const suspicious = /[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]|\0/g

/** The text with NUL shown as U+2400 and each lone surrogate as U+FFFD: visible, never silently cut. */
export function carriable(text: string): string {
  return text.replace(suspicious, replacement)
}

function replacement(found: string): string {
  if (found.length === 2) return found
  return found === '\0' ? '\u2400' : '\uFFFD'
}

/**
 * JSON in ASCII, so that no charset question can change the signed bytes. `$` is escaped too: RESTMessageV2
 * would take `${…}` in a body for one of its variables.
 */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[$\u007f-\uffff]/g, escaped)
}

function escaped(char: string): string {
  return '\\u' + char.charCodeAt(0).toString(16).padStart(4, '0')
}

/** True when every character is ASCII. */
export function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- the whole ASCII range is what is asked for
  return /^[\x00-\x7f]*$/.test(text)
}

/** Parsed JSON, or undefined when the text is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is an answer here; the caller says what it means.
    return undefined
  }
}

/** True for a plain object, so that its members can be looked at. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
