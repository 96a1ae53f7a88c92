// The parts of a form that change while somebody looks at it: actions, state, activity, related records. The page asks
// for them every two seconds and takes over what is new, so that work notes arrive without a reload.
import { createHash } from 'node:crypto'

import type { Column, FormAction, JournalEntry, Table } from '../../types.ts'
import type { FrontContext, Visitor } from '../context.ts'
import { json } from '../message.ts'
import type { Incoming, Reply } from '../message.ts'
import { isState, shownValue, stateLabel } from './cells.ts'
import { readOnlyValue } from './form-fields.ts'
import { avatar } from './frame.ts'
import { markup } from './html.ts'
import type { Html } from './html.ts'
import { journalColumns, listedColumns } from './layout.ts'
import { recordTable } from './record-table.ts'
import { isWritable, lineage, loadView, visibleColumns } from './record-view.ts'
import type { RecordView } from './record-view.ts'

/** Rows of a related list. */
const relatedRows = 10

/** Related lists of the base system that people fill in on tickets. */
const ticketLists: ReadonlySet<string> = new Set(['task_ci', 'task_cmdb_ci_service'])

/** One entry of the activity stream; the key stays the same for ever. */
export interface Activity {
  key: string
  item: Html
}

/** Answers `/__ui/form?table&sys_id&revision`: 204 while nothing changed. */
export function formState(
  context: FrontContext,
  visitor: Visitor | null,
  incoming: Incoming,
): Reply {
  if (visitor === null) return json(401, { error: 'Sign in again' })
  const table = context.platform.table(incoming.query.get('table') ?? '')
  const sysId = incoming.query.get('sys_id') ?? ''
  const view = table === null ? null : loadView(context, visitor, { table, sysId, prefill: '' })
  if (view === null) return json(404, { error: 'The record is gone' })
  const parts = {
    badges: badges(view).html,
    actions: actionButtons(view).html,
    clientActions: formActions(view)
      .filter((action) => action.client)
      .map((action) => action.sysId),
    activity: activities(view).map(({ key, item }) => ({ key, html: item.html })),
    related: relatedLists(view).html,
    fields: Object.fromEntries(
      visibleColumns(view).map((column) => [column.name, liveField(view, column)]),
    ),
  }
  const revision = createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
  if (incoming.query.get('revision') === revision) return { status: 204, headers: {}, body: '' }
  const reply = json(200, { revision, ...parts })
  reply.headers['Cache-Control'] = 'no-store'
  return reply
}

/** The state of the record as labels beside its title. */
export function badges(view: RecordView): Html {
  const { table, record } = view
  const labels = visibleColumns(view)
    .filter((column) => isState(column) && (record[column.name] ?? '') !== '')
    .map((column) => {
      const shown = shownValue(view.context.platform, { table, record, column })
      return markup`<span class="badge"
        ><span class="sr">${column.label}: </span
        >${stateLabel(column.name, record[column.name] ?? '', shown)}</span
      >`
    })
  return markup`${labels}`
}

/** Actions of the record for this session. */
export function formActions(view: RecordView): readonly FormAction[] {
  return view.context.platform.formActions(view.visitor.session, view.table.name, view.sysId)
}

/** Buttons of the actions: server actions post the form, client actions run their script. */
export function actionButtons(view: RecordView): Html {
  return markup`${formActions(view).map((action) =>
    action.client
      ? markup`<button type="button" class="action" data-client-action="${action.sysId}">
          ${action.label}
        </button>`
      : markup`<button
          class="action"
          form="record-form"
          name="sys_action"
          value="${action.sysId}"
          formnovalidate
        >
          ${action.label}
        </button>`,
  )}`
}

/** The journal, newest first. */
export function activities(view: RecordView): readonly Activity[] {
  const { platform } = view.context
  const columns = new Map(
    journalColumns(view.table)
      .filter((column) => platform.canRead(view.visitor.session, view.table.name, column.name))
      .map((column) => [column.name, column]),
  )
  return platform
    .journal(view.table.name, view.sysId)
    .toSorted((left, right) => left.createdOn.localeCompare(right.createdOn))
    .map((entry, index) => ({ entry, key: `${index}-${entry.createdOn}` }))
    .filter(({ entry }) => columns.has(entry.element))
    .toReversed()
    .map(({ entry, key }) => ({
      key,
      item: activityItem(view, {
        entry,
        key,
        label: columns.get(entry.element)?.label ?? entry.element,
      }),
    }))
}

function activityItem(
  view: RecordView,
  { entry, key, label }: { entry: JournalEntry; key: string; label: string },
): Html {
  const author =
    view.context.platform.session(entry.createdBy, false)?.displayName ?? entry.createdBy
  const iso = `${entry.createdOn.replace(' ', 'T')}Z`
  return markup`<li class="entry" data-key="${key}" data-element="${entry.element}">
    ${avatar(author)}
    <div>
      <p class="meta">
        <strong>${author}</strong> <span class="kind">${label}</span>
        <time datetime="${iso}" title="${entry.createdOn} UTC">${entry.createdOn}</time>
      </p>
      <p class="pre">${entry.value}</p>
    </div>
  </li>`
}

/** Records of the app that point at this one, newest first. */
export function relatedLists(view: RecordView): Html {
  const { platform } = view.context
  const mine = lineage(platform, view.table)
  const lists = platform.tableNames().flatMap((name) => {
    const table = platform.table(name)
    if (table === null || (table.scope === 'global' && !ticketLists.has(name))) return []
    if (!platform.canRead(view.visitor.session, name)) return []
    const column = [...table.columns.values()].find(
      (candidate) => candidate.type === 'reference' && mine.includes(candidate.reference ?? ''),
    )
    return column === undefined ? [] : [relatedList(view, { table, column })]
  })
  return markup`${lists}`
}

function relatedList(view: RecordView, { table, column }: { table: Table; column: Column }): Html {
  const { platform } = view.context
  const { session } = view.visitor
  const query = `${column.name}=${view.sysId}^ORDERBYDESCsys_created_on`
  const found = platform.query(session, table.name, { encodedQuery: query, limit: relatedRows })
  if ('ok' in found) return markup``
  const add = ticketLists.has(table.name) && platform.canWrite(session, table.name)
  if (found.total === 0 && !add) return markup``
  const href = `/${table.name}_list.do?sysparm_query=${encodeURIComponent(query)}`
  const columns = listedColumns(table).filter(
    (candidate) =>
      candidate.name !== column.name && platform.canRead(session, table.name, candidate.name),
  )
  return markup`<section class="card flush related"><h2><a href="${href}">${table.label}</a> <span class="muted">${found.total}</span>
${add ? markup`<a class="button small" href="/${table.name}.do?sys_id=-1&amp;sysparm_query=${column.name}=${view.sysId}">Add</a>` : null}</h2>
${recordTable(platform, { table, columns, records: found.records })}</section>`
}

function liveField(view: RecordView, column: Column): { value: string; html: string | null } {
  const secret = column.type === 'password2' || column.type === 'password'
  const value = secret ? '' : (view.record[column.name] ?? '')
  return { value, html: isWritable(view, column) ? null : readOnlyValue(view, column).html }
}
