// UI pages, static assets, the application menu and GlideAjax of the installed app.
import type { Page, Platform, Session, StoredRecord } from '../types.ts'
import type { Core } from './core.ts'
import { text } from './glide/host.ts'
import { messageOf } from './script-error.ts'

/** A UI page by endpoint, or null when there is none or the session may not see it. */
export function uiPage(core: Core, session: Session, endpoint: string): Page | null {
  const row = [...core.store.rows('sys_ui_page')].find((one) => one['endpoint'] === endpoint)
  if (!row || row['active'] === 'false') return null
  const acls = core.rights.named('ui_page', endpoint.replace(/\.do$/, ''))
  if (acls.length > 0 && !acls.some((acl) => core.rights.passes(session, acl))) return null
  return { html: row['html'] ?? '', direct: row['direct'] === 'true' }
}

/** An asset by its path below /uxasset/externals/; built scripts are asked for with the suffix .jsdbx. */
export function uiAsset(core: Core, path: string): { contentType: string; body: Buffer } | null {
  const names = [path, path.replace(/\.jsdbx$/, '')]
  const row = [...core.store.rows('sys_ux_lib_asset')].find((one) =>
    names.includes(one['name'] ?? ''),
  )
  if (!row) return null
  const contentType = row['mime_type'] || 'application/octet-stream'
  return { contentType: `${contentType};charset=UTF-8`, body: Buffer.from(row['content'] ?? '') }
}

/** Menus and modules the session may see. */
export function appMenu(core: Core, session: Session): ReturnType<Platform['menu']> {
  const modules = sorted([...core.store.rows('sys_app_module')])
  return sorted([...core.store.rows('sys_app_application')])
    .filter((menu) => menu['active'] !== 'false' && mayOpen(session, menu['roles'] ?? ''))
    .map((menu) => ({
      title: menu['title'] ?? '',
      entries: modules
        .filter((one) => one['application'] === menu['sys_id'] && one['active'] !== 'false')
        .filter((one) => mayOpen(session, one['roles'] ?? ''))
        .map((one) => ({ title: one['title'] ?? '', href: hrefOf(one) })),
    }))
}

function sorted(rows: StoredRecord[]): StoredRecord[] {
  return rows.toSorted((a, b) => Number(a['order'] || '0') - Number(b['order'] || '0'))
}

function mayOpen(session: Session, roles: string): boolean {
  const wanted = roles.split(',').filter((role) => role !== '')
  return wanted.length === 0 || wanted.some((role) => session.roles.has(role))
}

function hrefOf(module: StoredRecord): string {
  const table = module['name'] ?? ''
  const filter = module['filter'] ?? ''
  switch (module['link_type']) {
    case 'NEW':
      return `${table}.do?sys_id=-1`
    case 'DIRECT':
      return module['query'] ?? ''
    case 'LIST':
      return `${table}_list.do${filter === '' ? '' : `?sysparm_query=${encodeURIComponent(filter)}`}`
    default:
      return table === '' ? '' : `${table}_list.do`
  }
}

/** Runs a client-callable script include. */
export function runAjax(
  core: Core,
  session: Session,
  parameters: URLSearchParams,
): { status: number; answer: string } {
  const processor = parameters.get('sysparm_processor') ?? ''
  const name = parameters.get('sysparm_name') ?? ''
  const include = [...core.store.rows('sys_script_include')].find(
    (row) => row['active'] !== 'false' && [row['name'], row['api_name']].includes(processor),
  )
  if (!include || include['client_callable'] !== 'true') return { status: 404, answer: '' }
  const acls = core.rights.named('client_callable_script_include', include['name'] ?? '')
  const allowed = acls.length === 0 || acls.some((acl) => core.rights.passes(session, acl))
  // Private functions (leading underscore) and anything that is no name are not callable from a page.
  if (!allowed || !/^[A-Za-z]\w*$/.test(name)) return { status: 403, answer: '' }
  const request = { getParameter: (one: unknown) => parameters.get(text(one)) }
  const call = `new ${include['name']}(sysparm_request).${name}()`
  try {
    const source = `${include['script'] ?? ''}\n;${call}`
    const globals = { sysparm_request: request }
    return {
      status: 200,
      answer: text(core.scripts.run({ owner: include, source, session, globals: () => globals })),
    }
  } catch (error) {
    core.log.add('error', processor, messageOf(error))
    return { status: 500, answer: '' }
  }
}
