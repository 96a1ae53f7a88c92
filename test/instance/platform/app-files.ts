// Reads the built app (now-app/dist/app): every record_update becomes rows, every dictionary file a table.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { XMLParser } from 'fast-xml-parser'

import type { Column, StoredRecord } from '../types.ts'
import { column } from './dictionary.ts'
import type { TableDeclaration } from './dictionary.ts'

/** One record of the app. */
export interface AppRecord {
  table: string
  values: StoredRecord
}

/** Everything a built app brings. */
export interface AppFiles {
  /** Scope name, e.g. x_snc_ticket_auto. */
  scope: string
  scopeSysId: string
  records: readonly AppRecord[]
  tables: readonly TableDeclaration[]
}

type XmlNode = Readonly<Record<string, unknown>>

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true,
})

/** Reads a built app's folder. Throws when it is none. */
export async function readApp(folder: string): Promise<AppFiles> {
  const records: AppRecord[] = []
  const tables: { document: XmlNode; name: string }[] = []
  for (const part of ['scope', 'update', 'author_elective_update', 'dictionary']) {
    for (const file of await xmlFiles(join(folder, part))) {
      const document = parser.parse(await readFile(file, 'utf8')) as XmlNode // an XML document
      if (part === 'dictionary') tables.push({ document, name: file })
      else records.push(...recordsOf(document))
    }
  }
  const app = records.find((one) => one.table === 'sys_app')
  const scope = app?.values['scope']
  if (!app || !scope) throw new Error(`no built app in ${folder}: sys_app is missing`)
  return {
    scope,
    scopeSysId: app.values['sys_id'] ?? '',
    records,
    tables: tables.flatMap(({ document }) => declarations(document, records, scope)),
  }
}

async function xmlFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    // An app without choices has no author_elective_update, one without tables no dictionary.
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names
    .filter((name) => name.endsWith('.xml'))
    .toSorted()
    .map((name) => join(folder, name))
}

/** All records below a record_update; deletions are for upgrades and mean nothing to a fresh instance. */
function recordsOf(document: XmlNode): AppRecord[] {
  const root = document['record_update']
  return root === undefined ? [] : childRecords(root)
}

function childRecords(node: unknown): AppRecord[] {
  const found: AppRecord[] = []
  for (const [name, child] of children(node)) {
    const action = text(child, 'action')
    if (action === 'INSERT_OR_UPDATE' && 'sys_id' in child) {
      found.push({ table: name, values: fieldsOf(child) })
    } else if (!action.startsWith('DELETE') && action !== 'delete_multiple') {
      found.push(...childRecords(child))
    }
  }
  return found
}

function children(node: unknown): [string, XmlNode][] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one): one is XmlNode => typeof one === 'object' && one !== null)
      .map((one): [string, XmlNode] => [name, one]),
  )
}

function fieldsOf(node: XmlNode): StoredRecord {
  const values: StoredRecord = {}
  for (const [name, value] of Object.entries(node)) {
    if (name.startsWith('@') || name === '#text') continue
    if (typeof value === 'string') values[name] = value
    else values[name] = stringOf((value as XmlNode)['#text']) // a field with attributes
  }
  return values
}

function declarations(
  document: XmlNode,
  records: readonly AppRecord[],
  scope: string,
): TableDeclaration[] {
  return elements(document['database']).map((table) => {
    const name = text(table, 'name')
    const row = records.find((one) => one.table === 'sys_db_object' && one.values['name'] === name)
    const columns = elements(table).map(columnOf)
    const own = elements(table).filter((one) => text(one, 'unique') === 'true')
    return {
      name,
      label: text(table, 'label') || name,
      parent: text(table, 'extends') || row?.values['super_class'] || null,
      scope,
      displayField: text(table, 'display') || displayColumn(table) || 'sys_id',
      prefix: '',
      columns,
      unique: [...own.map((one) => [text(one, 'name')]), ...uniqueIndexes(table)],
    }
  })
}

function displayColumn(table: XmlNode): string {
  const shown = elements(table).find((one) => text(one, 'display') === 'true')
  return shown ? text(shown, 'name') : ''
}

function uniqueIndexes(table: XmlNode): string[][] {
  return many(table['index'])
    .filter((index) => text(index, 'unique') === 'true')
    .map((index) => elements(index).map((one) => text(one, 'name')))
}

function columnOf(node: XmlNode): Column {
  const type = text(node, 'type')
  const length = Number(text(node, 'max_length'))
  return column(text(node, 'name'), type, {
    label: text(node, 'label'),
    reference: text(node, 'reference') || null,
    mandatory: text(node, 'mandatory') === 'true',
    defaultValue: text(node, 'default_value'),
    ...(length > 0 ? { maxLength: length } : {}),
  })
}

function elements(node: unknown): XmlNode[] {
  return typeof node === 'object' && node !== null ? many((node as XmlNode)['element']) : [] // an XML node
}

function many(value: unknown): XmlNode[] {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.filter((one): one is XmlNode => typeof one === 'object' && one !== null)
}

function text(node: XmlNode, attribute: string): string {
  return stringOf(node[`@${attribute}`])
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
