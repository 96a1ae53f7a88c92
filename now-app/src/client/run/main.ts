// The run page: which automations fit the ticket, the form of one, and the progress of a run. The address
// holds what is shown, so that a reload comes back to it.
import './page.css'
import { loadPreview } from './api.ts'
import { button, element, show } from './dom.ts'
import { showForm } from './form.ts'
import { backLink } from './links.ts'
import { showList } from './list.ts'
import type { Navigation } from './navigation.ts'
import { showProgress } from './progress.ts'

const address = new URLSearchParams(window.location.search)

function start(): void {
  const ticket = {
    table: address.get('sysparm_table') ?? '',
    sysId: address.get('sysparm_sys_id') ?? '',
  }
  const navigation: Navigation = {
    ticket,
    toList: () => {
      remember(null)
      void openList(navigation)
    },
    toForm: (template, page) => showForm(navigation, page, template),
    toRun: (runId) => {
      remember(runId)
      showProgress(navigation, runId)
    },
  }
  const runId = address.get('sysparm_run')
  if (runId) navigation.toRun(runId)
  else void openList(navigation)
}

async function openList(navigation: Navigation): Promise<void> {
  show(
    element('h1', {}, 'Run automation'),
    element('p', { class: 'quiet', role: 'status' }, 'Looking which automations fit this ticket…'),
  )
  const preview = await loadPreview(navigation.ticket)
  if (preview.ok) {
    showList(navigation, preview.value)
    return
  }
  show(
    element('h1', {}, 'Run automation'),
    element('div', { class: 'notice bad', role: 'alert' }, preview.message),
    element(
      'div',
      { class: 'row' },
      button('Try again', 'primary', navigation.toList),
      backLink(navigation.ticket),
    ),
  )
}

function remember(runId: string | null): void {
  if (runId === null) address.delete('sysparm_run')
  else address.set('sysparm_run', runId)
  window.history.replaceState(null, '', `${window.location.pathname}?${address.toString()}`)
}

start()
