// The frame around every page of the stand-in: banner, header, navigation, messages.
import { randomBytes } from 'node:crypto'

import type { FrontContext, Visitor } from '../context.ts'
import type { Reply } from '../message.ts'
import type { FlashMessage } from '../sessions.ts'
import { markup, scriptLiteral } from './html.ts'
import type { Html } from './html.ts'

/** One page. */
export interface PageContent {
  title: string
  main: Html
  /** Code that runs after the page's own scripts; already safe for a script element. */
  script?: Html
  status?: number
  /** Path that the navigation marks as current. */
  current?: string
  /** No navigation: the page stands in a dialog. */
  bare?: boolean
  /** The main part is the app's own, with scripts in it. */
  appCode?: boolean
}

/** Navigation of the stand-in itself, shown where the tables exist and may be read. */
const standardLists = [
  { table: 'incident', title: 'Incidents', query: 'active=true^ORDERBYDESCsys_updated_on' },
  {
    table: 'change_request',
    title: 'Change requests',
    query: 'active=true^ORDERBYDESCsys_updated_on',
  },
  {
    table: 'sc_req_item',
    title: 'Requested items',
    query: 'active=true^ORDERBYDESCsys_updated_on',
  },
  { table: 'problem', title: 'Problems', query: 'active=true^ORDERBYDESCsys_updated_on' },
] as const

/** Renders a page in the frame. Messages of the session are shown once. */
export function framePage(
  context: FrontContext,
  visitor: Visitor | null,
  page: PageContent,
): Reply {
  const nonce = randomBytes(16).toString('base64')
  // Pages of the app may use inline scripts and handlers, as they may on the platform.
  const scripts = page.appCode === true ? `'unsafe-inline'` : `'nonce-${nonce}'`
  return {
    status: page.status ?? 200,
    headers: {
      'Content-Type': 'text/html;charset=UTF-8',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'same-origin',
      'Content-Security-Policy': `default-src 'self'; script-src 'self' ${scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'`,
    },
    body: frameDocument(context, visitor, { ...page, nonce }).html,
  }
}

function frameDocument(
  context: FrontContext,
  visitor: Visitor | null,
  page: PageContent & { nonce: string },
): Html {
  const messages = visitor === null ? [] : visitor.browser.messages.splice(0)
  const whole = page.bare !== true
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} · Local instance</title>
<link rel="icon" href="/local/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/local/style.css">
</head>
<body class="${whole ? '' : 'bare'}">
<a class="skip" href="#main">Skip to content</a>
<aside class="banner" aria-label="What this is"><strong>Local development instance — not ServiceNow.</strong> <a href="/about" target="_top">What is not emulated</a></aside>
${whole ? header(visitor) : null}
<div class="shell">
${whole && visitor !== null ? navigation(context, visitor, page.current ?? '') : null}
<main id="main" tabindex="-1">
<div class="messages" id="messages" aria-live="polite">${messages.map(messageLine)}</div>
${page.main}
</main>
</div>
${visitor === null ? null : frameScripts(visitor, page)}
</body>
</html>
`
}

function frameScripts(visitor: Visitor, page: PageContent & { nonce: string }): Html {
  const own = page.script
  return markup`<script nonce="${page.nonce}">${globals(visitor)}</script>
<script nonce="${page.nonce}" src="/local/client-api.js"></script>
<script nonce="${page.nonce}" src="/local/page.js"></script>
${own === undefined ? null : markup`<script nonce="${page.nonce}">${own}</script>`}`
}

/** The globals that pages of the platform find: token and user. */
export function globals({ browser, session }: Visitor): Html {
  const user = {
    userID: session.userSysId,
    userName: session.userName,
    name: session.displayName,
    roles: [...session.roles].join(','),
  }
  return markup`window.g_ck = ${scriptLiteral(browser.token)}; window.NOW =
  ${scriptLiteral({
    user,
    batch_glide_ajax_requests: false,
    isUsingPolaris: true,
    exclude_dark_theme: 'false',
  })};`
}

/** The hidden field that every post carries. */
export function tokenField({ browser }: Visitor): Html {
  return markup`<input type="hidden" name="sysparm_ck" value="${browser.token}" />`
}

/** Initials on a coloured disc. */
export function avatar(name: string): Html {
  const initials = name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join('')
    .toUpperCase()
  const hue = Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) % 360, 7)
  return markup`<span class="avatar" style="--hue:${hue}" aria-hidden="true">${initials}</span>`
}

function messageLine(message: FlashMessage): Html {
  return markup`<p
    class="message ${message.kind}"
    role="${message.kind === 'error' ? 'alert' : 'status'}"
  >
    ${message.text}
  </p>`
}

function header(visitor: Visitor | null): Html {
  return markup`<header class="top">
    <a class="brand" href="/"
      ><img src="/local/icon.svg" alt="" width="24" height="24" /> Local instance</a
    >
    ${
      visitor === null
        ? null
        : markup`<div class="person">
            ${avatar(visitor.session.displayName)}
            <span>${visitor.session.displayName}</span>
            <form method="post" action="/logout.do">
              ${tokenField(visitor)}<button class="quiet">Switch user</button>
            </form>
          </div>`
    }
  </header>`
}

function navigation(context: FrontContext, visitor: Visitor, current: string): Html {
  const groups = context.platform.menu(visitor.session)
  const lists = standardLists.filter(
    ({ table }) =>
      context.platform.table(table) !== null && context.platform.canRead(visitor.session, table),
  )
  return markup`<nav aria-label="Applications">
    <h2>Service desk</h2>
    <ul>
      ${navigationLink({ title: 'Service catalog', href: '/catalog_home.do' }, current)}
      ${lists.map((list) =>
        navigationLink(
          {
            title: list.title,
            href: `/${list.table}_list.do?sysparm_query=${encodeURIComponent(list.query)}`,
          },
          current,
        ),
      )}
    </ul>
    ${groups.map(
      (group) =>
        markup`<h2>${group.title}</h2>
          <ul>
            ${group.entries.map((entry) => navigationLink(entry, current))}
          </ul>`,
    )}
  </nav>`
}

function navigationLink(entry: { title: string; href: string }, current: string): Html {
  const href = entry.href.startsWith('/') ? entry.href : `/${entry.href}`
  const here = current !== '' && href.split('?')[0] === current
  return markup`<li>
    <a href="${href}" ${here ? markup`aria-current="page"` : null}>${entry.title}</a>
  </li>`
}
