// How a state looks: the word itself says it, the colour helps.
import type { Phase, RunState, StepEvidence } from '../../../../shared/status-update.ts'
import type { RunView } from '../../server/run-record.ts'
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

/** The connector keeps a hand-over to a person as a refused run of this name; nobody was turned away. */
const handOverTemplate = 'hand_over'

/** The state of a run as a badge. */
export function stateBadge({
  state,
  state_label: label,
  template,
}: Pick<RunView, 'state' | 'state_label' | 'template'>): HTMLSpanElement {
  if (template.name === handOverTemplate && state === 'refused') {
    return element('span', { class: 'badge idle' }, 'Handed over')
  }
  // A state of a newer connector looks busy rather than wrong.
  const look = Object.entries(looks).find(([name]) => name === state)?.[1] ?? 'busy'
  return element('span', { class: `badge ${look}` }, label)
}

const stepLooks: Record<StepEvidence['state'], readonly [label: string, look: string]> = {
  pending: ['Not started', 'idle'],
  launching: ['Starting', 'busy'],
  running: ['Running', 'busy'],
  cancelling: ['Cancelling', 'busy'],
  succeeded: ['Succeeded', 'good'],
  failed: ['Failed', 'bad'],
  cancelled: ['Cancelled', 'bad'],
  skipped: ['Skipped', 'idle'],
  unknown: ['Unknown', 'bad'],
}

/** The state of a step as a badge; a rollback that has not started may never have to. */
export function stepBadge(state: StepEvidence['state'], phase: Phase): HTMLSpanElement {
  const [label, look] = stepLooks[state] ?? [state, 'idle']
  const idle = state === 'pending' && phase === 'rollback'
  return element('span', { class: `badge ${look}` }, idle ? 'Only if needed' : label)
}
