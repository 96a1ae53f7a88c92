// What a template asks for at the end of a run, as far as that end may lead there. Pure.
import type { Outcome } from '#shared/job-template.ts'
import type { ticketTransitions } from '#shared/vocabulary.ts'

import type { RunChange } from './process.ts'

/** What a ticket can be asked to become. */
export type Transition = (typeof ticketTransitions)[number]

/** Ends of a run for which a template may name an outcome. */
export type End = 'succeeded' | 'failed' | 'cancelled' | 'rolled_back'

/** Where each end may lead a kind of ticket. A failed run never cancels, resolves or closes as done. */
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
  const known = Object.values(ways).some((list) => list.some((one) => one === transition))
  const allowed = transition !== undefined && ways[end].includes(transition)
  return {
    transition: allowed ? transition : null,
    closeCode: closeCode ?? null,
    // Another kind of ticket may be meant: one template can serve several.
    ignored: known && !allowed ? ignoredSentence(run, transition) : null,
  }
}

function outcomeOf({ template }: RunChange, end: End): Outcome {
  const { outcome } = template
  return end === 'rolled_back' ? { ...outcome.failed, ...outcome.rolled_back } : outcome[end]
}

function ignoredSentence({ state }: RunChange, transition: Transition | undefined): string {
  const run = state.replace('_', ' ')
  return `The template asks for "${transition}" here, which a ${run} run never leads to; the state was left alone.`
}
