// ServiceNow types of ticket fields. The Table API gives values without types, so they come from the instance's
// dictionary (sys_dictionary, up the hierarchy of sys_db_object), read once per table and kept for a while. Where
// the integration user may not read it, the types of the base system stand in, and the rest counts as text.
import { messageOf } from '../errors.ts'
import type { ItsmAdapter, ReadRecord } from './adapter.ts'
import { baseType } from './base-types.ts'

/** Types of some fields. */
export interface TypedFields {
  types: ReadonlyMap<string, string>
  /** Fields that no table has; empty when the dictionary could not be read. */
  unknown: readonly string[]
  /** Why the dictionary could not be read, or null. */
  problem: string | null
}

/** Looks types up. */
export interface FieldTypes {
  /** Types of fields of a table, dot-walks allowed. Rejects only when the signal says so. */
  of(table: string, fields: readonly string[], signal: AbortSignal): Promise<TypedFields>
}

/** A field as the dictionary describes it. */
interface Entry {
  type: string
  /** Table a reference points to, '' for others. */
  reference: string
}

type Dictionary = ReadonlyMap<string, Entry>

/** How long what was read counts, in milliseconds; new fields are rare. */
const keptMs = 10 * 60_000

/** Longest chain of tables: cmdb_ci_linux_server has five. */
const maxAncestors = 10

/** The widest tables of the base system have some 500 columns. */
const maxColumns = 10_000

/** Creates the look-up of one instance. `now` is for tests. */
export function createFieldTypes(adapter: ItsmAdapter, now: () => number = Date.now): FieldTypes {
  const kept = new Map<string, { at: number; dictionary: Promise<Dictionary> }>()

  function dictionaryOf(table: string, signal: AbortSignal): Promise<Dictionary> {
    const known = kept.get(table)
    if (known !== undefined && now() - known.at < keptMs) return known.dictionary
    const dictionary = readDictionary(adapter, table, signal)
    kept.set(table, { at: now(), dictionary })
    // A failure is told to whoever waits for it now; the next one tries again.
    dictionary.catch(() => kept.delete(table))
    return dictionary
  }

  async function entryOf(
    table: string,
    path: string,
    signal: AbortSignal,
  ): Promise<Entry | undefined> {
    const [first = '', ...rest] = path.split('.')
    const entry = (await dictionaryOf(table, signal)).get(first)
    if (rest.length === 0 || entry === undefined) return entry
    if (entry.reference === '') return undefined
    return await entryOf(entry.reference, rest.join('.'), signal)
  }

  return {
    async of(table, fields, signal) {
      const types = new Map<string, string>()
      const unknown: string[] = []
      let problem: string | null = null
      for (const field of fields) {
        try {
          const type = (await entryOf(table, field, signal))?.type ?? systemType(field)
          if (type === null) unknown.push(field)
          else types.set(field, type)
        } catch (error) {
          signal.throwIfAborted()
          problem = messageOf(error)
          types.set(field, baseType(field))
        }
      }
      return { types, unknown: problem === null ? unknown : [], problem }
    },
  }
}

/**
 * Types to read records with: what the dictionary does not show may be there all the same (access rules leave out
 * its rows), and what is not there, no record has.
 */
export function typesToRead({ types, unknown }: TypedFields): ReadonlyMap<string, string> {
  return new Map([...types, ...unknown.map((field) => [field, baseType(field)] as const)])
}

/** Columns that every table has, whether or not its dictionary lists them. */
function systemType(field: string): string | null {
  const name = field.split('.').at(-1) ?? ''
  return /^sys_(id|created_(on|by)|updated_(on|by)|mod_count)$/.test(name) ? baseType(name) : null
}

async function readDictionary(
  adapter: ItsmAdapter,
  table: string,
  signal: AbortSignal,
): Promise<Dictionary> {
  const tables = await ancestry(adapter, table, signal)
  const records = await adapter.readRecords(
    {
      table: 'sys_dictionary',
      query: `nameIN${tables.join(',')}^elementISNOTEMPTY`,
      fields: ['name', 'element', 'internal_type', 'reference'],
      limit: maxColumns,
    },
    signal,
  )
  // Access rules leave rows out without a word; a table without any column is such a case.
  if (records.length === 0) throw new Error(`the dictionary of ${table} shows no column`)
  const entries = new Map<string, Entry>()
  // A table's own entry wins over that of its parent.
  for (const one of tables.toReversed()) {
    for (const record of records) {
      if (valueOf(record, 'name') !== one) continue
      const type = valueOf(record, 'internal_type') || 'string'
      entries.set(valueOf(record, 'element'), { type, reference: valueOf(record, 'reference') })
    }
  }
  return entries
}

/** The table and those it extends, nearest first. */
async function ancestry(
  adapter: ItsmAdapter,
  table: string,
  signal: AbortSignal,
): Promise<string[]> {
  const chain = [table]
  while (chain.length < maxAncestors) {
    const [record] = await adapter.readRecords(
      {
        table: 'sys_db_object',
        query: `name=${chain.at(-1) ?? ''}`,
        fields: ['name', 'super_class.name'],
        limit: 1,
      },
      signal,
    )
    const parent = record === undefined ? '' : valueOf(record, 'super_class.name')
    if (parent === '' || chain.includes(parent)) break
    chain.push(parent)
  }
  return chain
}

function valueOf(record: ReadRecord, field: string): string {
  return record[field]?.value ?? ''
}
