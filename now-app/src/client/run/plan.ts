// The plan of a run: every step under its phase, with batch, state, times, job and evidence. A step is drawn
// anew only when it has changed, so that keyboard and screen reader keep their place.
import type { Phase, StepEvidence } from '../../../../shared/status-update.ts'
import type { RunWithPlan } from '../../server/run-record.ts'
import { stepBadge } from './badge.ts'
import { type Child, element } from './dom.ts'
import { jobLink } from './links.ts'
import { timeOf } from './time.ts'

const phaseLabels: Record<Phase, string> = {
  pre_check: 'Checks before',
  execute: 'Changes',
  post_check: 'Checks after',
  rollback: 'Rollback',
}

/** Targets named in the line of a step; all of them stand in its evidence. */
const namedTargets = 5

/** The part of the page that shows a plan. */
export interface PlanPart {
  root: HTMLElement
  update(run: RunWithPlan): void
}

/** An empty plan; it shows itself once a run has one. */
export function buildPlan(): PlanPart {
  const root = element('section', { hidden: true })
  const drawn = new Map<number, { signature: string; item: HTMLElement }>()
  let shape = ''

  function draw(step: StepEvidence): HTMLElement {
    const signature = JSON.stringify(step)
    const known = drawn.get(step.position)
    if (known?.signature === signature) return known.item
    const item = stepItem(step)
    if (known) keepOpen(known.item, item)
    known?.item.replaceWith(item)
    drawn.set(step.position, { signature, item })
    return item
  }

  return {
    root,
    update({ steps, message, final }) {
      const [only] = steps
      if (only !== undefined && steps.length === 1) {
        // One job is what the rest of the page shows; when it has ended its evidence is left to be told.
        root.hidden = !final
        if (final && shape !== 'one') root.replaceChildren(evidenceOf(only, 'Evidence'))
        shape = final ? 'one' : ''
        return
      }
      root.hidden = steps.length === 0
      const items = steps.map((step) => ({
        phase: step.phase,
        // What the run says stands above already.
        item: draw(step.message === message ? { ...step, message: '' } : step),
      }))
      // Phases and number of steps are fixed once a plan exists: the lists are built once.
      const next = steps.map((step) => `${step.position}${step.phase}`).join()
      if (next !== shape) root.replaceChildren(element('h2', {}, 'Plan'), ...phaseLists(items))
      shape = next
    },
  }
}

function phaseLists(items: readonly { phase: Phase; item: HTMLElement }[]): HTMLElement[] {
  // The type promises no order of keys, the contract does: phases come as they are run.
  const phases = [...new Set(items.map(({ phase }) => phase))]
  return phases.flatMap((phase) => {
    const own = items.filter((one) => one.phase === phase).map(({ item }) => item)
    const id = `phase-${phase}`
    return [
      element('h3', { id }, phaseLabels[phase] ?? phase),
      element('ol', { class: 'steps', 'aria-labelledby': id }, ...own),
    ]
  })
}

function stepItem(step: StepEvidence): HTMLElement {
  const busy = ['launching', 'running', 'cancelling'].includes(step.state)
  return element(
    'li',
    { class: 'step', 'aria-current': busy ? 'step' : undefined },
    element(
      'div',
      { class: 'row spread' },
      element('strong', {}, `${step.position}. ${step.name}`),
      stepBadge(step.state, step.phase),
    ),
    step.targets.length > 0 ? element('p', { class: 'quiet' }, targetsOf(step)) : null,
    step.message ? element('p', {}, step.message) : null,
    step.started_at ? element('p', { class: 'quiet' }, ...timesOf(step)) : null,
    step.job_id ? evidenceOf(step, `Evidence of step ${step.position}`) : null,
  )
}

function targetsOf({ batch, targets }: StepEvidence): string {
  const named = targets.slice(0, namedTargets).join(', ')
  const more = targets.length - namedTargets
  const list = more > 0 ? `${named} and ${more} more` : named
  return batch === null ? list : `Batch ${batch}: ${list}`
}

function timesOf({ started_at: started, finished_at: finished }: StepEvidence): Child[] {
  return [
    ...(started ? ['Started ', timeOf(started)] : []),
    ...(finished ? [', ended ', timeOf(finished)] : []),
  ]
}

/** What an auditor asks for; closed until somebody opens it. */
function evidenceOf(step: StepEvidence, title: string): HTMLElement {
  const pairs: [string, Child][] = [
    ['Job', step.job_id ? jobLink({ id: step.job_id, url: step.job_url ?? '' }) : 'None'],
    ['Runs', `${step.job} on ${step.platform}`],
    ...(step.targets.length > namedTargets
      ? [['Targets', step.targets.join(', ')] satisfies [string, Child]]
      : []),
    ['Output (SHA-256)', step.output_sha256 ?? 'It printed nothing.'],
  ]
  return element(
    'details',
    {},
    element('summary', {}, title),
    element(
      'dl',
      {},
      ...pairs.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
    ),
  )
}

/** A step that was opened stays open, and the focus stays in it. */
function keepOpen(before: HTMLElement, after: HTMLElement): void {
  const open = before.querySelector('details')?.open ?? false
  const details = after.querySelector('details')
  if (details) details.open = open
  if (!before.contains(document.activeElement)) return
  // The new item is not in the document yet.
  const wasLink = document.activeElement instanceof HTMLAnchorElement
  queueMicrotask(() => after.querySelector<HTMLElement>(wasLink ? 'a' : 'summary')?.focus())
}
