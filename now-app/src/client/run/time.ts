// Times as the person's browser writes them.
import { element } from './dom.ts'

/** A time as text that says it in the person's own zone; the exact one is in the attribute. */
export function timeOf(iso: string): HTMLTimeElement {
  const shown = new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
  return element('time', { datetime: iso, title: iso }, shown)
}
