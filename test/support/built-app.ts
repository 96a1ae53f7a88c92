// Reads what the SDK built: one record per element of the update files, and the modules by path.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { XMLParser } from 'fast-xml-parser'

/** One built record. */
export interface BuiltRecord {
  table: string
  action: string
  sysId: string
  fields: Record<string, string>
}

/** Values stay strings, exactly as written. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
})

/** Every record of the update files and of the choice lists. */
export async function readBuiltRecords(folder: string): Promise<BuiltRecord[]> {
  const records: BuiltRecord[] = []
  for (const part of ['update', 'author_elective_update', 'scope']) {
    const files = (await readdir(join(folder, part))).sort()
    for (const file of files) {
      const xml: unknown = parser.parse(await readFile(join(folder, part, file), 'utf8'))
      collect(xml, '', records)
    }
  }
  return records
}

/** Server modules by path. */
export function modulesOf(records: readonly BuiltRecord[]): Map<string, string> {
  const modules = records.filter((record) => record.table === 'sys_module')
  return new Map(modules.map(({ fields }) => [fields['path'] ?? '', fields['content'] ?? '']))
}

/** Walks the parsed tree; an element with an action attribute is a record. */
function collect(node: unknown, name: string, records: BuiltRecord[]): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, name, records)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const entries = Object.entries(node)
  const action = entries.find(([key]) => key === '@action')?.[1]
  if (typeof action === 'string') {
    const fields = Object.fromEntries(
      entries.filter(([key]) => !key.startsWith('@')).map(([key, value]) => [key, textOf(value)]),
    )
    records.push({ table: name, action, sysId: fields['sys_id'] ?? '', fields })
  }
  for (const [key, value] of entries) collect(value, key, records)
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value !== null && '#text' in value) return String(value['#text'])
  return ''
}
