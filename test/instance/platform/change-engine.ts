// The change model of the base system (c_ChangeStateModel): which state follows which, that approvals and not
// people lead to Scheduled, what holding does. Pure over the change being written.
import { changeTransitions } from './base-choices.ts'
import type { EngineRefusal, EngineWork } from './engines.ts'

const states = {
  new: '-5',
  assess: '-4',
  authorize: '-3',
  scheduled: '-2',
  cancelled: '4',
} as const

/** States in which a change waits for its approval; a standard change is approved beforehand and has none. */
const approving: readonly string[] = [states.assess, states.authorize]

/** A change may be cancelled until it is reviewed. */
const cancellable: readonly string[] = ['-5', '-4', '-3', '-2', '-1']

/** Checks the write and does what the model's rules do; null = go on. */
export function runChangeEngine(work: EngineWork): EngineRefusal | null {
  const { current, previous } = work
  if (previous === null) {
    current['approval'] ||= 'not requested'
    return null
  }
  // The ACL on the type lets it be changed in New alone; a field without the right is left as it was.
  if (previous['state'] !== states.new) current['type'] = previous['type'] ?? ''
  const moved = current['state'] !== previous['state']
  if (moved && !isAllowed(work)) return refusal()
  if (moved) entered(work)
  else if (current['approval'] !== previous['approval']) decided(work)
  if (current['on_hold'] === 'true' && previous['on_hold'] !== 'true') return hold(work)
  if (current['on_hold'] !== 'true') current['on_hold_reason'] = ''
  return null
}

function isAllowed({ current, previous }: EngineWork): boolean {
  const [from, to] = [previous?.['state'] ?? '', current['state'] ?? '']
  if (to === states.cancelled) return cancellable.includes(from)
  if (previous?.['on_hold'] === 'true') return false
  if (changeTransitions[current['type'] ?? 'normal']?.[from] !== to) return false
  return !approving.includes(from) || current['approval'] === 'approved'
}

/** What entering a state does: an approval is asked for, or has been given beforehand. */
function entered({ current }: EngineWork): void {
  const state = current['state'] ?? ''
  if (approving.includes(state)) current['approval'] = 'requested'
  if (state === states.scheduled) current['approval'] = 'approved'
  if (state === states.cancelled && current['approval'] === 'requested') {
    current['approval'] = 'cancelled'
  }
}

/** An approved change goes on by itself, a rejected one back to New. */
function decided(work: EngineWork): void {
  const { current, previous } = work
  const state = previous?.['state'] ?? ''
  if (!approving.includes(state)) return
  if (current['approval'] === 'rejected') current['state'] = states.new
  if (current['approval'] !== 'approved' || current['on_hold'] === 'true') return
  current['state'] = changeTransitions[current['type'] ?? 'normal']?.[state] ?? state
  entered(work)
}

function hold({ current }: EngineWork): EngineRefusal | null {
  if ((current['on_hold_reason'] ?? '') === '') {
    return { detail: 'Data Policy Exception: On hold reason is mandatory' }
  }
  if (current['approval'] === 'requested') current['approval'] = 'cancelled'
  return null
}

function refusal(): EngineRefusal {
  const rule = 'Change Model: Check State Transition'
  return {
    detail: `Operation against file 'change_request' was aborted by Business Rule '${rule}^d1a6b4b7c3031010c94dd8f3e440dd1a'. Business Rule Stack:${rule}`,
  }
}
