// Cutting texts for notes: never in the middle of a symbol or of the mask that stands for a secret. Pure.

/** What a masked secret consists of (secretMask of templates/parameters.ts): a part of it looks like a text. */
const maskDot = '•'

/** The first `count` characters at most, with … when some are missing. */
export function startOf(text: string, count: number): string {
  if (text.length <= count) return text
  let end = Math.max(0, count - 1)
  while (end > 0 && isInside(text, end)) end--
  return `${text.slice(0, end)}…`
}

/** The last `count` characters at most. */
export function endOf(text: string, count: number): string {
  let start = Math.max(0, text.length - count)
  while (start > 0 && start < text.length && isInside(text, start)) start++
  return text.slice(start)
}

/** The text on one line, cut. */
export function oneLine(text: string, count: number): string {
  return startOf(text.replaceAll(/\s+/gu, ' ').trim(), count)
}

/** The text with a full stop, unless it ends with something like one. */
export function withStop(text: string): string {
  return /[.!?…。！？]$/u.test(text) ? text : `${text}.`
}

/** True when a cut before `at` would tear something apart. */
function isInside(text: string, at: number): boolean {
  const [before, after] = [text[at - 1] ?? '', text[at] ?? '']
  if (before === maskDot && after === maskDot) return true
  return /[\uD800-\uDBFF]/.test(before) && /[\uDC00-\uDFFF]/.test(after)
}
