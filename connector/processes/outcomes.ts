// What a template asks for at the end of a run, as far as that end may lead there. Pure.
import type { Outcome } from '#shared/job-template.ts'
import type { ticketTransitions } from '#shared/vocabulary.ts'

import type { RunChange } from './process.ts'

/** What a ticket can be asked to become. */
export type Transition = (typeof ticketTransitions)[number]

/** Ends of a run for which a template may name an outcome. */
export type End = 'succeeded' | 'failed' | 'cancelled' | 'rolled_back'

/** Where each end may lead a kind of ticket. A failed run never cancels it, nor ends it as if all were well. */
export type Ways = Readonly<Record<End, readonly Transition[]>>

/** What the template asks for. */
export interface Asked {
  transition: Transition | null
  closeCode: string | null
  /** A wish that this end must not lead to, as a sentence for the note; null = there is none. */
  ignored: string | null
}

/** Reads the template's outcome for an end. A rolled back run is a failed one unless the template says more. */
export function askedFor(run: RunChange, end: End, ways: Ways): Asked {
  const { transition, close_code: closeCode } = outcomeOf(run, end)
  if (transition === undefined) {
    return { transition: null, closeCode: closeCode ?? null, ignored: null }
  }
  const allowed = ways[end].includes(transition)
  return {
    transition: allowed ? transition : null,
    // A code belongs to the state it was named with; other tables have other codes.
    closeCode: allowed ? (closeCode ?? null) : null,
    ignored: isForbidden(end, transition, ways) ? ignoredSentence(end, transition) : null,
  }
}

/** True when such tickets have this state, but this end must not lead there. */
export function isForbidden(end: End, transition: Transition, ways: Ways): boolean {
  return !ways[end].includes(transition) && isMeant(transition, ways)
}

/** A state that no end leads to is one of another kind of ticket: one template can serve several. */
function isMeant(transition: Transition, ways: Ways): boolean {
  return transition === 'cancelled' || Object.values(ways).some((way) => way.includes(transition))
}

function outcomeOf({ template }: RunChange, end: End): Outcome {
  const { outcome } = template
  return end === 'rolled_back' ? { ...outcome.failed, ...outcome.rolled_back } : outcome[end]
}

const endWords: Readonly<Record<End, string>> = {
  succeeded: 'has succeeded',
  failed: 'has failed',
  cancelled: 'was cancelled',
  rolled_back: 'was rolled back',
}

function ignoredSentence(end: End, transition: Transition): string {
  return `The template asks for "${transition}" here; a run that ${endWords[end]} never leads there.`
}
