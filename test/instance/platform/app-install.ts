// Installs a built app into the instance: its tables into the dictionary, its records into the store. What the
// platform would refuse (scripted before/after rules of a scoped app on foreign tables) is refused here.
import type { StoredRecord } from '../types.ts'
import type { AppFiles } from './app-files.ts'
import { toStored } from './clock.ts'
import type { Core } from './core.ts'
import { column } from './dictionary.ts'
import type { TableDeclaration } from './dictionary.ts'

/** Installs. Throws when a rule is not allowed across scopes and `crossScopeRules` is strict. */
export function installApp(core: Core, app: AppFiles): void {
  for (const table of app.tables) declareTable(core, table)
  defineMetadataTables(core, app)
  const at = toStored(core.clock.now())
  for (const record of app.records) {
    if (record.table === 'sys_script') checkRule(core, app, record.values)
    core.store.put(record.table, {
      ...record.values,
      sys_created_on: at,
      sys_created_by: 'system',
      sys_updated_on: at,
      sys_updated_by: 'system',
      sys_mod_count: '0',
      sys_scope: app.scopeSysId,
    })
  }
  core.store.put('sys_scope', {
    ...app.records.find((one) => one.table === 'sys_app')?.values,
    sys_class_name: 'sys_app',
  })
}

/** A dictionary file of a foreign table (new fields on task) adds its columns; the table stays its owner's. */
function declareTable({ dictionary }: Core, table: TableDeclaration): void {
  if (!dictionary.declaration(table.name)) dictionary.declare(table)
  else for (const one of table.columns) dictionary.addColumn(table.name, one)
}

/** sys_script, sys_ui_action … are tables too: they get the columns that the records bring. */
function defineMetadataTables({ dictionary }: Core, app: AppFiles): void {
  for (const { table, values } of app.records) {
    if (!dictionary.declaration(table)) {
      const shape = { label: table, parent: null, scope: 'global', prefix: '', unique: [] }
      dictionary.declare({ ...shape, name: table, displayField: 'name', columns: [] })
    }
    const known = dictionary.table(table)?.columns
    for (const name of Object.keys(values)) {
      if (known?.has(name)) continue
      dictionary.addColumn(table, column(name, 'string', { maxLength: 8_000_000 }))
    }
  }
}

/** c_BusinessRules "Business rules in scoped applications": async with script, or before with set values only. */
function checkRule(core: Core, app: AppFiles, rule: StoredRecord): void {
  const table = core.dictionary.table(rule['collection'] ?? '')
  if (!table) throw new Error(`rule ${rule['name']}: no table ${rule['collection']}`)
  if (table.scope === app.scope) return
  const when = rule['when'] ?? ''
  if (when.startsWith('async')) return
  const scripted = rule['advanced'] === 'true' && (rule['script'] ?? '').trim() !== ''
  if (when === 'before' && !scripted && rule['abort_action'] !== 'true') return
  const text = `rule "${rule['name']}": a scoped app may not have scripted ${when} rules on ${table.name}`
  if (core.settings.crossScopeRules === 'strict') throw new Error(text)
  core.log.add('warn', 'install', text)
}

/** The scope a record of the app belongs to, by its sys_scope. */
export function scopeOf(core: Pick<Core, 'store'>, record: StoredRecord): string {
  return core.store.find('sys_scope', record['sys_scope'] ?? '')?.['scope'] ?? 'global'
}
