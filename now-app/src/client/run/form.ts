import { checkParameters } from '../../server/parameter-rules.ts'
// The form of one automation: its parameters, prefilled from the ticket, and the button that starts it.
import type { PreviewPage } from '../../server/preview.ts'
import { type FieldError, newRunId, startRun } from './api.ts'
import { button, element, show } from './dom.ts'
import { buildField, type Field, markField, readField } from './field.ts'
import { backLink } from './links.ts'
import type { Navigation } from './navigation.ts'

/** Shows the form. */
export function showForm(
  navigation: Navigation,
  page: PreviewPage,
  template: PreviewPage['templates'][number],
): void {
  const fields = template.parameters.map(buildField)
  const summary = element('div', { class: 'notice bad', role: 'alert', tabindex: -1, hidden: true })
  const when = windowOf(template)
  // What is planned for later is not run now.
  const label = when === null ? 'Run now' : 'Start run'
  const run = element('button', { type: 'submit', class: 'primary' }, label)
  const form = element(
    'form',
    { novalidate: true },
    summary,
    ...fields.map((field) => field.root),
    fields.length === 0 ? element('p', {}, 'It needs no parameters.') : null,
    when === null ? null : element('p', {}, when),
    element('div', { class: 'row' }, run, button('Back to the list', '', navigation.toList)),
  )
  // One id for this form: pressing twice, or again after a lost answer, starts one run.
  const runId = newRunId()
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const order = { run_id: runId, template: template.name, version: template.version }
    void submit({ navigation, fields, summary, run, label, order })
  })
  show(
    element('p', { class: 'quiet' }, `${page.ticket.number} · ${page.ticket.short_description}`),
    element('h1', {}, template.title),
    element('p', {}, template.description),
    element('p', { class: 'quiet' }, template.decision.summary),
    element('h2', {}, `Run it on ${page.ticket.number} with`),
    form,
    element('p', {}, backLink(navigation.ticket, page.ticket.number)),
  )
}

/** When a run of a change would start, as its check says; null = at once. */
function windowOf({ decision }: PreviewPage['templates'][number]): string | null {
  const check = decision.checks.find((one) => one.check === 'change-window' && one.passed)
  return check?.detail ?? null
}

interface Submission {
  navigation: Navigation
  fields: readonly Field[]
  summary: HTMLElement
  run: HTMLButtonElement
  /** What the button says. */
  label: string
  order: { run_id: string; template: string; version: number }
}

async function submit(submission: Submission): Promise<void> {
  const { navigation, fields, run, label, order } = submission
  const values = Object.fromEntries(
    fields.map((field) => [field.parameter.name, readField(field)] as const),
  )
  const errors = checkParameters(
    fields.map((field) => field.parameter),
    values,
  )
  if (errors.length > 0) {
    showErrors(submission, 'Some values need a look:', errors)
    return
  }
  showErrors(submission, null, [])
  run.disabled = true
  run.textContent = 'Starting…'
  const started = await startRun(navigation.ticket, { ...order, parameters: values })
  if (started.ok) {
    navigation.toRun(started.value.run_id)
    return
  }
  run.disabled = false
  run.textContent = label
  const heading = started.errors.length > 0 ? 'Some values need a look:' : started.message
  showErrors(submission, heading, started.errors)
}

/** Marks the fields and sums up above them, each entry a link to its field. */
function showErrors(
  { fields, summary }: Submission,
  heading: string | null,
  errors: readonly FieldError[],
): void {
  for (const field of fields) {
    const error = errors.find((candidate) => candidate.name === field.parameter.name)
    markField(field, error?.message ?? null)
  }
  summary.hidden = heading === null
  if (heading === null) return
  const entries = errors.map((error) =>
    element('li', {}, element('a', { href: `#field-${error.name}` }, error.message)),
  )
  summary.replaceChildren(
    element('strong', {}, heading),
    ...(entries.length > 0 ? [element('ul', { class: 'reasons' }, ...entries)] : []),
  )
  summary.focus()
}
