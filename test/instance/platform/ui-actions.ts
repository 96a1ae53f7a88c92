// UI actions of a form: which buttons a session sees on a record, and what pressing a server one does.
import type { ActionResult, Failure, FormAction, Session, StoredRecord } from '../types.ts'
import type { Core } from './core.ts'
import { text } from './glide/host.ts'
import { messageOf } from './script-error.ts'

/** The actions a session sees on the form of a record, in order. */
export function formActions(
  core: Core,
  session: Session,
  [table, sysId]: readonly [string, string],
): readonly FormAction[] {
  const record = core.store.find(table, sysId)
  if (!record) return []
  const className = core.store.classOf(table, sysId) ?? table
  return [...core.store.rows('sys_ui_action')]
    .filter((row) => core.dictionary.ancestry(className).includes(row['table'] ?? ''))
    .filter((row) => isOffered(core, session, { row, table: className, record }))
    .toSorted((a, b) => Number(a['order'] || '100') - Number(b['order'] || '100'))
    .map((row) => ({
      sysId: row['sys_id'] ?? '',
      name: row['action_name'] ?? '',
      label: row['name'] ?? '',
      client: row['client'] === 'true',
      onClick: row['onclick'] ?? '',
      script: row['client'] === 'true' ? (row['script'] ?? '') : '',
    }))
}

interface Offer {
  row: StoredRecord
  table: string
  record: StoredRecord
}

function isOffered(core: Core, session: Session, { row, table, record }: Offer): boolean {
  if (row['active'] !== 'true' || row['show_update'] === 'false') return false
  const places = ['form_button', 'form_link', 'form_context_menu', 'form_action']
  if (!places.some((place) => row[place] === 'true')) return false
  const roles = [...core.store.rows('sys_ui_action_role')]
    .filter((one) => one['sys_ui_action'] === row['sys_id'])
    .map((one) => core.store.find('sys_user_role', one['sys_user_role'] ?? '')?.['name'] ?? '')
  if (roles.length > 0 && !roles.some((role) => session.roles.has(role))) return false
  const source = (row['condition'] ?? '').trim()
  if (source === '') return true
  return core.scripts.holds({
    owner: row,
    source,
    session,
    globals: (host) => ({ current: core.scripts.record(host, table, record) }),
  })
}

/** Presses a server action: form values go into `current`, which only its own update() saves. */
export function runFormAction(
  core: Core,
  session: Session,
  asked: { action: string; table: string; sysId: string; values: StoredRecord },
): ActionResult | Failure {
  const row = core.store.find('sys_ui_action', asked.action)
  const record = core.store.find(asked.table, asked.sysId)
  if (!row || !record || row['client'] === 'true') {
    return { ok: false, status: 404, message: 'No Record found', detail: null }
  }
  const table = core.store.classOf(asked.table, asked.sysId) ?? asked.table
  if (!isOffered(core, session, { row, table, record })) {
    return {
      ok: false,
      status: 403,
      message: 'Operation Failed',
      detail: 'The action is not available',
    }
  }
  const messages: { kind: 'info' | 'error'; text: string }[] = []
  const target: { redirect: string | null } = { redirect: null }
  try {
    core.scripts.run({
      owner: row,
      source: row['script'] ?? '',
      session,
      messages,
      globals(host) {
        const current = core.scripts.record(host, table, record)
        const changes = Object.entries(asked.values).filter(
          ([field, value]) => value !== record[field],
        )
        for (const [field, value] of changes) Reflect.set(current, field, value)
        return { current, action: actionObject(target) }
      },
    })
  } catch (error) {
    core.log.add('error', row['name'] ?? '', messageOf(error))
    messages.push({ kind: 'error', text: messageOf(error) })
  }
  return { redirect: target.redirect, messages }
}

function actionObject(target: { redirect: string | null }): object {
  function redirect(to: unknown): void {
    target.redirect = addressOf(to)
  }
  return {
    setRedirectURL: redirect,
    openGlideRecord: redirect,
    setReturnURL: () => undefined,
    setNoPop: () => undefined,
    setURLParameter(name: unknown, value: unknown) {
      const glue = target.redirect?.includes('?') ? '&' : '?'
      const pair = `${encodeURIComponent(text(name))}=${encodeURIComponent(text(value))}`
      if (target.redirect !== null) target.redirect += glue + pair
    },
  }
}

/** A GlideRecord opens its form; anything else is an address. */
function addressOf(to: unknown): string {
  if (typeof to === 'object' && to !== null && 'getUniqueValue' in to) {
    const record = to as { getTableName(): string; getUniqueValue(): string } // our GlideRecord
    return `${record.getTableName()}.do?sys_id=${record.getUniqueValue()}`
  }
  return text(to)
}
