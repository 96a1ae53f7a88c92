// A posted form: save, add a journal entry, or run a server action. Only fields that the person changed are written, so
// that a status that arrived meanwhile is not undone.
import type { Failure, StoredRecord, Table } from '../../types.ts'
import type { FrontContext, Visitor } from '../context.ts'
import { formParameters, json, redirect, text } from '../message.ts'
import type { Incoming, Reply } from '../message.ts'
import { findByDisplay } from '../table-parameters.ts'
import { sameText } from '../tokens.ts'
import { shownValue } from './cells.ts'
import { journalColumns } from './layout.ts'
import { localPath } from './local-path.ts'
import { isWritable, loadView, newRecordId, recordTitle, visibleColumns } from './record-view.ts'
import type { RecordView } from './record-view.ts'

/** What became of a post: an answer, or a refusal to be shown on the form. */
export type PostOutcome =
  | { done: true; reply: Reply }
  | { done: false; view: RecordView; values: StoredRecord; failure: Failure }

/** Takes a post of `/{table}.do`. */
export function postForm(
  context: FrontContext,
  visitor: Visitor,
  { incoming, table }: { incoming: Incoming; table: Table },
): PostOutcome {
  const form = formParameters(incoming)
  if (!sameText(form.get('sysparm_ck') ?? '', visitor.browser.token)) {
    return answered(text(403, 'The page is out of date. Go back, reload it and try again.'))
  }
  const sysId = form.get('sys_id') ?? newRecordId
  const view = loadView(context, visitor, { table, sysId, prefill: '' })
  if (view === null) return answered(text(404, 'The record is gone.'))
  const action = form.get('sys_action') ?? 'save'
  if (action === 'note') return postNote(view, form, incoming)
  const changes = readChanges(view, form)
  if (!changes.ok) return { done: false, view, values: changes.values, failure: changes }
  if (action === 'save') return save(view, changes.values)
  return run(view, { action, values: changes.values })
}

function save(view: RecordView, values: StoredRecord): PostOutcome {
  const { platform } = view.context
  const { session, browser } = view.visitor
  const isNew = view.sysId === newRecordId
  if (!isNew && Object.keys(values).length === 0) return answered(redirect(recordPath(view)))
  const written = isNew
    ? platform.insert(session, view.table.name, values)
    : platform.update(session, view.table.name, view.sysId, values)
  if (!written.ok) return { done: false, view, values, failure: written }
  const saved = { ...view, sysId: written.record['sys_id'] ?? view.sysId, record: written.record }
  browser.messages.push({
    kind: 'info',
    text: isNew ? `${recordTitle(saved)} was created.` : 'Saved.',
  })
  return answered(redirect(recordPath(saved)))
}

function postNote(view: RecordView, form: URLSearchParams, incoming: Incoming): PostOutcome {
  const { platform } = view.context
  const note = (form.get('text') ?? '').replaceAll('\r\n', '\n')
  const column = journalColumns(view.table).find(
    (candidate) => candidate.name === form.get('element') && isWritable(view, candidate),
  )
  const scripted = (incoming.headers['accept'] ?? '').startsWith('application/json')
  if (column === undefined || note.trim() === '') {
    return answered(scripted ? json(400, { error: 'Nothing to post' }) : redirect(recordPath(view)))
  }
  const values = { [column.name]: note }
  const written = platform.update(view.visitor.session, view.table.name, view.sysId, values)
  if (scripted) {
    const reason = written.ok ? '' : [written.message, written.detail ?? ''].join(': ')
    return answered(written.ok ? json(200, { ok: true }) : json(written.status, { error: reason }))
  }
  if (!written.ok) return { done: false, view, values: {}, failure: written }
  return answered(redirect(recordPath(view)))
}

function run(
  view: RecordView,
  { action, values }: { action: string; values: StoredRecord },
): PostOutcome {
  const { session, browser } = view.visitor
  const { platform } = view.context
  const result = platform.runAction(session, action, view.table.name, view.sysId, values)
  if ('ok' in result) return { done: false, view, values, failure: result }
  browser.messages.push(...result.messages)
  return answered(
    redirect(result.redirect === null ? recordPath(view) : localPath(result.redirect)),
  )
}

type Changes = { ok: true; values: StoredRecord } | (Failure & { values: StoredRecord })

function readChanges(view: RecordView, form: URLSearchParams): Changes {
  const { platform } = view.context
  const original = readOriginal(form.get('sysparm_original'))
  const values: StoredRecord = {}
  for (const column of visibleColumns(view).filter((candidate) => isWritable(view, candidate))) {
    const typed = form.getAll(`field.${column.name}`).at(-1)
    const shown = form.get(`display.${column.name}`)
    const secret = column.type === 'password2' || column.type === 'password'
    if (
      typed !== undefined &&
      typed.replaceAll('\r\n', '\n') !== (secret ? '' : (original[column.name] ?? ''))
    ) {
      values[column.name] = typed.replaceAll('\r\n', '\n')
    }
    if (shown === null || shown === shownValue(platform, { ...view, column })) continue
    const found = shown === '' ? '' : findByDisplay(platform, column.reference ?? '', shown)
    if (found === null) {
      return {
        ok: false,
        status: 400,
        message: `${column.label}: no record "${shown}"`,
        detail: null,
        values,
      }
    }
    values[column.name] = found
  }
  return { ok: true, values }
}

/** The values as the form was loaded, so that a change is told from what another wrote meanwhile. */
function readOriginal(text: string | null): StoredRecord {
  try {
    const parsed: unknown = JSON.parse(text ?? '{}')
    if (typeof parsed !== 'object' || parsed === null) return {}
    return Object.fromEntries(
      Object.entries(parsed).map(([name, value]) => [name, String(value).replaceAll('\r\n', '\n')]),
    )
  } catch {
    // A form that was tampered with counts everything as changed; access rules still apply.
    return {}
  }
}

function recordPath({ table, sysId }: RecordView): string {
  return `/${table.name}.do?sys_id=${encodeURIComponent(sysId)}`
}

function answered(reply: Reply): PostOutcome {
  return { done: true, reply }
}
