// The progress of a run: asked for every second until it has ended.
import type { RunWithPlan } from '../../server/run-record.ts'
import { cancelRun, loadRun } from './api.ts'
import { stateBadge } from './badge.ts'
import { button, type Child, element, show } from './dom.ts'
import { backLink, jobLink } from './links.ts'
import type { Navigation } from './navigation.ts'
import { buildPlan, type PlanPart } from './plan.ts'
import { timeOf } from './time.ts'

const pollMs = 1000

/** While nobody looks, or while the instance does not answer. */
const slowPollMs = 5000

/** The parts that change. */
interface Parts {
  title: HTMLElement
  state: HTMLElement
  bar: HTMLProgressElement
  percent: HTMLElement
  step: HTMLElement
  message: HTMLElement
  window: HTMLElement
  plan: PlanPart
  decision: HTMLElement
  job: HTMLElement
  outputTitle: HTMLElement
  output: HTMLElement
  omitted: HTMLElement
  outputPart: HTMLElement
  problem: HTMLElement
  cancel: HTMLElement
}

/** Shows a run and keeps it up to date until it has ended or the page goes elsewhere. */
export function showProgress(navigation: Navigation, runId: string): void {
  const parts = buildParts()
  const others = button('Other automations', '', navigation.toList)
  show(
    parts.title,
    element('div', { class: 'row' }, parts.state, parts.job),
    parts.problem,
    element('p', { role: 'status', 'aria-live': 'polite' }, parts.message),
    parts.bar,
    element('p', { class: 'quiet row spread' }, parts.step, parts.percent),
    parts.window,
    parts.decision,
    parts.plan.root,
    parts.outputPart,
    element('div', { class: 'row' }, parts.cancel, others),
    element('p', {}, backLink(navigation.ticket)),
  )
  void follow(parts, runId)
}

function buildParts(): Parts {
  const output = element('pre', { class: 'output', tabindex: 0, 'aria-label': 'End of the output' })
  const omitted = element('p', { class: 'quiet' })
  const outputTitle = element('h2', {}, 'Output')
  return {
    title: element('h1', {}, 'Run'),
    state: element('span', {}),
    bar: element('progress', { max: 100, value: 0, 'aria-label': 'Progress' }),
    percent: element('span', {}),
    step: element('span', {}),
    message: element('span', {}, 'Asking for the run…'),
    window: element('p', { class: 'quiet', hidden: true }),
    plan: buildPlan(),
    decision: element('p', { class: 'quiet', hidden: true }),
    job: element('span', {}),
    outputTitle,
    output,
    omitted,
    outputPart: element('section', { hidden: true }, outputTitle, omitted, output),
    problem: element('div', { class: 'notice bad', role: 'alert', hidden: true }),
    cancel: element('span', { class: 'row' }),
  }
}

async function follow(parts: Parts, runId: string): Promise<void> {
  // The page shows something else once the title is gone.
  while (parts.title.isConnected) {
    const run = await loadRun(runId)
    if (run.ok) {
      update(parts, run.value)
      if (run.value.final) return
    } else {
      tell(parts, run.message)
      if (run.code === 'run_not_found' || run.code === 'signed_out') return
    }
    await pause(run.ok && !document.hidden ? pollMs : slowPollMs)
  }
}

function update(parts: Parts, run: RunWithPlan): void {
  tell(parts, null)
  setText(parts.title, `${run.template.title} on ${run.ticket.number}`)
  parts.state.replaceChildren(stateBadge(run))
  parts.bar.value = run.progress
  setText(parts.percent, `${run.progress} %`)
  setText(parts.step, stepText(run))
  setText(parts.message, run.message)
  updateWindow(parts.window, run.window)
  parts.plan.update(run)
  parts.decision.hidden = run.decision_summary === ''
  setText(parts.decision, `Decision: ${run.decision_summary}`)
  updateJob(parts.job, run)
  updateOutput(parts, run)
  updateCancel(parts, run)
}

/** When it may run; the message says what a waiting run waits for. */
function updateWindow(target: HTMLElement, frame: RunWithPlan['window']): void {
  const { start, end } = frame ?? { start: null, end: null }
  target.hidden = start === null && end === null
  // Only a change is written, as with every text here.
  const signature = `${start} ${end}`
  if (target.dataset['signature'] === signature) return
  target.dataset['signature'] = signature
  const parts: Child[] = ['Window: ']
  if (start !== null) parts.push('from ', timeOf(start), ' ')
  if (end !== null) parts.push('until ', timeOf(end))
  target.replaceChildren(...parts.filter((part) => part !== null))
}

/** The job of the moment; the other steps' jobs stand in the plan. */
function updateJob(target: HTMLElement, { job }: RunWithPlan): void {
  const signature = job?.id ?? ''
  if (target.dataset['signature'] === signature) return
  target.dataset['signature'] = signature
  target.replaceChildren(...(job ? [jobLink(job)] : []))
}

function stepText(run: RunWithPlan): string {
  const step = run.step ? `step ${run.step.position} of ${run.step.total}: ${run.step.name}` : ''
  return [run.phase_label, step].filter((text) => text !== '').join(' · ')
}

function updateOutput(parts: Parts, run: RunWithPlan): void {
  const { outputTitle, output, omitted, outputPart } = parts
  outputPart.hidden = run.output === ''
  const { step, steps } = run
  const of = step && steps.length > 1 ? ` of step ${step.position}: ${step.name}` : ''
  setText(outputTitle, `Output${of}`)
  if (output.textContent === run.output) return
  // Follow the end, unless somebody has scrolled up to read.
  const atEnd = output.scrollHeight - output.scrollTop - output.clientHeight < 40
  output.textContent = run.output
  if (atEnd) output.scrollTop = output.scrollHeight
  omitted.hidden = run.output_omitted === 0
  setText(omitted, `${run.output_omitted} characters before this are left out.`)
}

/** Which of the cancel buttons is right for a run. */
function updateCancel(parts: Parts, run: RunWithPlan): void {
  const mode = cancelMode(run)
  if (parts.cancel.dataset['mode'] === mode) return
  // A question that is being asked stays until it is answered.
  if (parts.cancel.dataset['mode'] === 'asking' && mode === 'possible') return
  parts.cancel.dataset['mode'] = mode
  if (mode === 'over') parts.cancel.replaceChildren()
  if (mode === 'requested') {
    parts.cancel.replaceChildren(element('span', { class: 'quiet' }, 'Cancel requested.'))
  }
  if (mode === 'possible') offerCancel(parts, run.run_id)
}

function cancelMode(run: RunWithPlan): 'over' | 'requested' | 'possible' {
  if (run.final) return 'over'
  return run.cancel_requested ? 'requested' : 'possible'
}

function offerCancel(parts: Parts, runId: string): void {
  const offer = button('Cancel run', 'danger', () => {
    parts.cancel.dataset['mode'] = 'asking'
    const yes = button('Yes, cancel it', 'danger', () => void doCancel(parts, runId, yes))
    const no = button('Keep it running', '', () => offerAgain(parts, runId))
    parts.cancel.replaceChildren(element('span', {}, 'Cancel this run?'), yes, no)
    no.focus()
  })
  parts.cancel.replaceChildren(offer)
}

function offerAgain(parts: Parts, runId: string): void {
  parts.cancel.dataset['mode'] = 'possible'
  offerCancel(parts, runId)
  parts.cancel.querySelector('button')?.focus()
}

async function doCancel(parts: Parts, runId: string, yes: HTMLButtonElement): Promise<void> {
  yes.disabled = true
  const cancelled = await cancelRun(runId)
  parts.cancel.dataset['mode'] = ''
  if (cancelled.ok) updateCancel(parts, cancelled.value)
  else tell(parts, cancelled.message)
}

function tell({ problem }: Parts, message: string | null): void {
  problem.hidden = message === null
  setText(problem, message ?? '')
}

/** Only a change is written, so that screen readers do not repeat themselves every second. */
function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
}
