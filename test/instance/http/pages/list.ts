// A list of any table: filtered by an encoded query, sorted by a click on a heading, paged.
import type { Column, StoredRecord, Table } from '../../types.ts'
import type { FrontContext, Visitor } from '../context.ts'
import type { Incoming, Reply } from '../message.ts'
import { framePage } from './frame.ts'
import { markup } from './html.ts'
import type { Html } from './html.ts'
import { listedColumns } from './layout.ts'
import { recordTable } from './record-table.ts'

/** Rows on a page. */
const pageSize = 20

interface ListView {
  context: FrontContext
  visitor: Visitor
  table: Table
  /** The filter without its ORDERBY part. */
  filter: string
  order: { field: string; descending: boolean } | null
  firstRow: number
}

/** Renders `/{table}_list.do?sysparm_query=…&sysparm_first_row=…`. */
export function listPage(
  context: FrontContext,
  visitor: Visitor,
  { incoming, table }: { incoming: Incoming; table: Table },
): Reply {
  const view = readView(context, visitor, { incoming, table })
  const found = context.platform.query(visitor.session, table.name, {
    encodedQuery: fullQuery(view, view.order),
    limit: pageSize,
    offset: view.firstRow - 1,
  })
  const mayCreate = context.platform.canWrite(visitor.session, table.name)
  return framePage(context, visitor, {
    title: table.label,
    status: 'ok' in found ? found.status : 200,
    current: incoming.path,
    main: markup`<div class="heading">
        <h1>${table.label}</h1>
        ${mayCreate ? markup`<a class="button primary" href="/${table.name}.do?sys_id=-1">New</a>` : null}
      </div>
      ${filterForm(view)}
      ${
        'ok' in found
          ? markup`<p class="message error" role="alert">${found.message}</p>`
          : markup`${rows(view, found.records)}${pager(view, found.total)}`
      }`,
  })
}

function readView(
  context: FrontContext,
  visitor: Visitor,
  { incoming, table }: { incoming: Incoming; table: Table },
): ListView {
  const tokens = (incoming.query.get('sysparm_query') ?? '').split('^')
  const orders = tokens.filter((token) => token.startsWith('ORDERBY'))
  const first = orders[0]
  const firstRow = Number(incoming.query.get('sysparm_first_row') ?? '1')
  return {
    context,
    visitor,
    table,
    filter: tokens.filter((token) => token !== '' && !token.startsWith('ORDERBY')).join('^'),
    order:
      first === undefined
        ? null
        : {
            field: first.replace(/^ORDERBY(DESC)?/, ''),
            descending: first.startsWith('ORDERBYDESC'),
          },
    firstRow: Number.isSafeInteger(firstRow) && firstRow > 0 ? firstRow : 1,
  }
}

function fullQuery(view: ListView, order: ListView['order']): string {
  const sort = order === null ? '' : `ORDERBY${order.descending ? 'DESC' : ''}${order.field}`
  return [view.filter, sort].filter((part) => part !== '').join('^')
}

function listLink(view: ListView, query: string, firstRow = 1): string {
  const parameters = new URLSearchParams({ sysparm_query: query })
  if (firstRow > 1) parameters.set('sysparm_first_row', String(firstRow))
  return `/${view.table.name}_list.do?${parameters.toString()}`
}

function filterForm(view: ListView): Html {
  const { table, visitor } = view
  const chips = [
    { title: 'All', filter: '' },
    ...(table.columns.has('active') ? [{ title: 'Active', filter: 'active=true' }] : []),
    ...(table.columns.has('assigned_to')
      ? [{ title: 'Assigned to me', filter: `assigned_to=${visitor.session.userSysId}` }]
      : []),
  ]
  return markup`<form class="filter" method="get" action="/${table.name}_list.do" role="search">
    <div class="chips">
      ${chips.map((chip) => {
        const active = chip.filter === view.filter
        const query = fullQuery({ ...view, filter: chip.filter }, view.order)
        return markup`<a
          class="chip"
          href="${listLink(view, query)}"
          ${active ? markup`aria-current="true"` : null}
          >${chip.title}</a
        >`
      })}
    </div>
    <label class="grow"
      ><span class="sr">Encoded query</span>
      <input
        name="sysparm_query"
        value="${fullQuery(view, view.order)}"
        placeholder="Encoded query, e.g. active=true^priority=1"
        spellcheck="false"
        autocomplete="off"
    /></label>
    <button>Filter</button>
  </form>`
}

function rows(view: ListView, records: readonly StoredRecord[]): Html {
  const { context, visitor, table } = view
  const columns = listedColumns(table).filter((column) =>
    context.platform.canRead(visitor.session, table.name, column.name),
  )
  if (records.length === 0) {
    return markup`<div class="card empty"><p>No records match this filter.</p></div>`
  }
  const shown = recordTable(context.platform, {
    table,
    columns,
    records,
    heading: (column) => heading(view, column),
  })
  return markup`<div class="card flush">${shown}</div>`
}

function heading(view: ListView, column: Column): Html {
  const sorted = view.order?.field === column.name ? view.order : null
  const descending = sorted !== null && !sorted.descending
  const query = fullQuery(view, { field: column.name, descending })
  return markup`<th
    scope="col"
    ${sorted === null ? null : markup`aria-sort="${sorted.descending ? 'descending' : 'ascending'}"`}
  >
    <a href="${listLink(view, query)}">${column.label}</a>
  </th>`
}

function pager(view: ListView, total: number): Html {
  const last = Math.min(view.firstRow + pageSize - 1, total)
  const query = fullQuery(view, view.order)
  const previous = Math.max(1, view.firstRow - pageSize)
  return markup`<nav class="pager" aria-label="Pages">
    <span>${total === 0 ? 0 : view.firstRow}–${last} of ${total}</span>
    ${view.firstRow > 1 ? markup`<a class="button" rel="prev" href="${listLink(view, query, previous)}">Previous</a>` : null}
    ${last < total ? markup`<a class="button" rel="next" href="${listLink(view, query, last + 1)}">Next</a>` : null}
  </nav>`
}
