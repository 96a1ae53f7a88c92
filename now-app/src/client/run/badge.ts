// How a state looks: the word itself says it, the colour helps.
import type { RunState } from '../../../../shared/status-update.ts'
import { element } from './dom.ts'

const looks: Record<RunState, 'good' | 'bad' | 'busy'> = {
  requested: 'busy',
  refused: 'bad',
  planned: 'busy',
  waiting: 'busy',
  running: 'busy',
  cancelling: 'busy',
  rolling_back: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'bad',
  rolled_back: 'bad',
  rollback_failed: 'bad',
  unknown: 'bad',
}

/** The state as a badge. */
export function stateBadge(state: string, label: string): HTMLSpanElement {
  // A state of a newer connector looks busy rather than wrong.
  const look = Object.entries(looks).find(([name]) => name === state)?.[1] ?? 'busy'
  return element('span', { class: `badge ${look}` }, label)
}
