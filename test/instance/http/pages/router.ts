// Which page answers a path.
import { visitorOf } from '../authenticate.ts'
import type { FrontContext, Visitor } from '../context.ts'
import { redirect, text } from '../message.ts'
import type { Incoming, Reply } from '../message.ts'
import { aboutPage } from './about.ts'
import { answerAsset, answerLocalFile } from './assets.ts'
import { answerCatalogItem, catalogPage } from './catalog.ts'
import { answerForm } from './form.ts'
import { framePage } from './frame.ts'
import { homePage } from './home.ts'
import { markup } from './html.ts'
import { listPage } from './list.ts'
import { formState } from './live.ts'
import { localPath } from './local-path.ts'
import { logPage } from './log.ts'
import { signInPage, signIn, signOut } from './sign-in.ts'
import { answerUiPage } from './ui-page.ts'

/** Answers everything that is not an API: pages and their files. */
export function answerPage(context: FrontContext, incoming: Incoming): Reply {
  const { path } = incoming
  if (path.startsWith('/local/')) return answerLocalFile(path)
  if (path.startsWith('/uxasset/externals/')) return answerAsset(context, path)
  if (incoming.method === 'POST' && !isSameOrigin(incoming)) {
    return text(403, 'Posts from other origins are refused')
  }
  const known = visitorOf(context, incoming)
  // A session that a token started is for programs; pages are for people who signed in.
  const visitor = known?.session.interactive === true ? known : null
  if (path === '/login.do') {
    return incoming.method === 'POST'
      ? signIn(context, incoming)
      : signInPage(context, incoming, null)
  }
  if (path === '/about') return aboutPage(context, visitor)
  if (path === '/__ui/form') return formState(context, visitor, incoming)
  if (visitor === null) return askToSignIn(incoming)
  return answerVisitor(context, visitor, incoming)
}

function answerVisitor(context: FrontContext, visitor: Visitor, incoming: Incoming): Reply {
  const { path } = incoming
  if (path === '/logout.do') return signOut(context, visitor, incoming)
  if (path === '/' || path === '/navpage.do') return homePage(context, visitor)
  if (path === '/catalog_home.do') return catalogPage(context, visitor)
  if (path === '/catalog_item.do') return answerCatalogItem(context, visitor, incoming)
  if (path === '/nav_to.do') return redirect(localPath(incoming.query.get('uri') ?? '/'), 302)
  if (path === '/syslog_list.do') return logPage(context, visitor, incoming)
  const endpoint = /^\/([a-z0-9_]+)\.do$/.exec(path)?.[1]
  if (endpoint === undefined) return notFound(context, visitor)
  const table = context.platform.table(endpoint)
  // A UI page may bear the name of a table; an address with sys_id means the record.
  if (table !== null && (incoming.method === 'POST' || incoming.query.has('sys_id'))) {
    return answerForm(context, visitor, { incoming, table })
  }
  const page = answerUiPage(context, visitor, incoming)
  if (page !== null) return page
  if (endpoint.endsWith('_list')) {
    const listed = context.platform.table(endpoint.slice(0, -'_list'.length))
    if (listed !== null) return listPage(context, visitor, { incoming, table: listed })
  }
  return table === null
    ? notFound(context, visitor)
    : answerForm(context, visitor, { incoming, table })
}

function askToSignIn(incoming: Incoming): Reply {
  if (incoming.method !== 'GET') return text(401, 'Sign in first')
  const query = incoming.query.toString()
  const goto = `${incoming.path}${query === '' ? '' : `?${query}`}`
  return redirect(goto === '/' ? '/login.do' : `/login.do?goto=${encodeURIComponent(goto)}`, 302)
}

function notFound(context: FrontContext, visitor: Visitor): Reply {
  return framePage(context, visitor, {
    title: 'Page not found',
    status: 404,
    main: markup`<section class="card narrow">
      <h1>Page not found</h1>
      <p>There is no such page, or the table does not exist on this instance.</p>
      <p><a class="button" href="/">Go to the start page</a></p>
    </section>`,
  })
}

/** Browsers send Origin with every post; without one it is a program, and it has no cookie to abuse. */
function isSameOrigin(incoming: Incoming): boolean {
  const origin = incoming.headers['origin']
  return origin === undefined || origin === incoming.base
}
