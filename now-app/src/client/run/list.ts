// The list: what runs now; automations that fit, with the reason; those that do not, with reason and next
// step; and what has run on this ticket before.
import type { PreviewPage } from '../../server/preview.ts'
import type { RunView } from '../../server/run-record.ts'
import { stateBadge } from './badge.ts'
import { button, type Child, element, show } from './dom.ts'
import { backLink } from './links.ts'
import type { Navigation } from './navigation.ts'

type Automation = PreviewPage['templates'][number]

/** Shows the list. */
export function showList(navigation: Navigation, page: PreviewPage): void {
  const { ticket } = page
  const fitting = page.templates.filter((template) => template.decision.fits)
  const others = page.templates.filter((template) => !template.decision.fits)
  const running = page.runs.filter((run) => !run.final)
  const ended = page.runs.filter((run) => run.final)
  show(
    element('header', {}, ...titleOf(page)),
    ...runSection(navigation, 'Running now', running),
    element('h2', {}, 'Automations that fit'),
    fitting.length > 0 || ticket.over ? null : nothing('No automation fits this ticket.'),
    ticket.over ? nothing('The ticket is resolved or closed; nothing can be started.') : null,
    ...(ticket.over ? [] : fitting.map((template) => fittingCard(navigation, page, template))),
    others.length > 0 ? element('h2', {}, 'Automations that do not fit') : null,
    ...others.map(otherCard),
    ...runSection(navigation, 'Earlier runs on this ticket', ended),
    element('p', {}, backLink(navigation.ticket, ticket.number)),
  )
}

function titleOf({ ticket, classification }: PreviewPage): Child[] {
  return [
    element('p', { class: 'quiet' }, `${ticket.number} · ${ticket.state_label}`),
    element('h1', {}, 'Run automation'),
    element('p', {}, ticket.short_description),
    classification ? element('p', { class: 'quiet' }, looksLike(classification)) : null,
  ]
}

/** A guess, with the words it stands on, so that nobody takes it for a rule. */
function looksLike({ label, words }: NonNullable<PreviewPage['classification']>): string {
  return words.length > 0
    ? `Looks like: ${label} (words: ${words.join(', ')})`
    : `Looks like: ${label}`
}

function nothing(text: string): HTMLElement {
  return element('p', { class: 'card quiet' }, text)
}

function fittingCard(navigation: Navigation, page: PreviewPage, template: Automation): HTMLElement {
  const choose = button('Choose', 'primary', () => navigation.toForm(template, page))
  choose.setAttribute('aria-label', `Choose ${template.title}`)
  return element(
    'section',
    { class: 'card fits' },
    heading(template),
    element('p', {}, template.description),
    element('p', { class: 'quiet' }, template.decision.summary),
    template.suggestion ? element('p', {}, template.suggestion) : null,
    element('div', { class: 'row' }, choose),
  )
}

function heading(template: Automation): HTMLElement {
  const title = element('h3', {}, template.title)
  if (template.suggestion === undefined) return title
  const badge = element('span', { class: 'badge busy' }, 'Suggested')
  return element('div', { class: 'row spread' }, title, badge)
}

function otherCard(template: Automation): HTMLElement {
  const failed = template.decision.checks.filter((check) => !check.passed)
  const reasons = failed.map((check) =>
    element(
      'li',
      {},
      check.detail,
      check.hint ? element('span', {}, ' Next step: ', element('strong', {}, check.hint)) : null,
    ),
  )
  return element(
    'section',
    { class: 'card' },
    heading(template),
    template.suggestion ? element('p', {}, template.suggestion) : null,
    // The summary says the first of the reasons; with the list below it would be said twice.
    reasons.length > 0
      ? element('ul', { class: 'reasons' }, ...reasons)
      : element('p', {}, template.decision.summary),
  )
}

function runSection(navigation: Navigation, title: string, runs: readonly RunView[]): Child[] {
  if (runs.length === 0) return []
  return [element('h2', {}, title), ...runs.map((run) => runCard(navigation, run))]
}

function runCard(navigation: Navigation, run: RunView): HTMLElement {
  const watch = button(run.final ? 'Look at it' : 'Watch', '', () => navigation.toRun(run.run_id))
  watch.setAttribute('aria-label', `${run.final ? 'Look at' : 'Watch'} ${run.template.title}`)
  return element(
    'section',
    { class: 'card' },
    element('div', { class: 'row spread' }, element('h3', {}, run.template.title), stateBadge(run)),
    run.message ? element('p', { class: 'quiet' }, run.message) : null,
    element('div', { class: 'row' }, watch),
  )
}
