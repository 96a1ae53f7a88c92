// The start page: open tickets by kind, and the app's menu.
import type { FrontContext, Visitor } from '../context.ts'
import type { Reply } from '../message.ts'
import { framePage } from './frame.ts'
import { markup } from './html.ts'
import type { Html } from './html.ts'
import { listedColumns } from './layout.ts'
import { recordTable } from './record-table.ts'

/** Rows of the list on the start page. */
const recentRows = 8

const tiles = [
  { table: 'incident', title: 'Open incidents', create: 'New incident' },
  { table: 'change_request', title: 'Open changes', create: 'New change' },
  { table: 'sc_req_item', title: 'Open requested items', create: null },
] as const

/** Renders the start page. */
export function homePage(context: FrontContext, visitor: Visitor): Reply {
  const groups = context.platform.menu(visitor.session)
  return framePage(context, visitor, {
    title: 'Start',
    current: '/',
    main: markup`<h1>Hello, ${visitor.session.displayName}</h1>
      <ul class="tiles">
        ${tiles.map((tile) => ticketTile(context, visitor, tile)).filter((tile) => tile !== null)}
      </ul>
      ${recentTickets(context, visitor)}
      ${groups.map(
        (group) =>
          markup`<section class="card">
            <h2>${group.title}</h2>
            <ul class="links">
              ${group.entries.map(
                (entry) =>
                  markup`<li>
                    <a href="${entry.href.startsWith('/') ? entry.href : `/${entry.href}`}"
                      >${entry.title}</a
                    >
                  </li>`,
              )}
            </ul>
          </section>`,
      )}`,
  })
}

/** What moved last, so that a person finds the ticket at hand without searching. */
function recentTickets(context: FrontContext, visitor: Visitor): Html | null {
  const { platform } = context
  const table = platform.table('incident')
  if (table === null || !platform.canRead(visitor.session, table.name)) return null
  const found = platform.query(visitor.session, table.name, {
    encodedQuery: 'active=true^ORDERBYDESCsys_updated_on',
    limit: recentRows,
  })
  if ('ok' in found || found.records.length === 0) return null
  const shown = recordTable(platform, {
    table,
    columns: listedColumns(table),
    records: found.records,
  })
  return markup`<section class="card flush related"><h2>Recently updated incidents</h2>${shown}</section>`
}

function ticketTile(
  context: FrontContext,
  visitor: Visitor,
  tile: (typeof tiles)[number],
): Html | null {
  const { platform } = context
  if (platform.table(tile.table) === null || !platform.canRead(visitor.session, tile.table)) {
    return null
  }
  const found = platform.query(visitor.session, tile.table, {
    encodedQuery: 'active=true',
    limit: 1,
  })
  if ('ok' in found) return null
  const href = `/${tile.table}_list.do?sysparm_query=${encodeURIComponent('active=true^ORDERBYDESCsys_updated_on')}`
  const mayCreate = tile.create !== null && platform.canWrite(visitor.session, tile.table)
  return markup`<li class="card tile">
    <a href="${href}"><span class="count">${found.total}</span> ${tile.title}</a>
    ${mayCreate ? markup`<a class="button small" href="/${tile.table}.do?sys_id=-1">${tile.create}</a>` : null}
  </li>`
}
