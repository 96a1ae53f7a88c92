// The dictionary: which tables and columns exist, what they inherit, which choices they offer. It is
// filled from the base tables and from the XML of the installed app; it holds no records.
import type { Column, Table } from '../types.ts'
import type { TableSpec } from './base-tables.ts'

/** A table as it was declared: own columns only. */
export interface TableDeclaration {
  name: string
  label: string
  parent: string | null
  scope: string
  displayField: string
  prefix: string
  columns: Column[]
  /** Columns (sets of them) that must be unique together. */
  unique: string[][]
}

/** The dictionary of one instance. */
export interface Dictionary {
  declare(table: TableDeclaration): void
  /** Adds a column to an existing table (a new field from an app). */
  addColumn(table: string, column: Column): void
  declaration(name: string): TableDeclaration | null
  table(name: string): Table | null
  names(): readonly string[]
  /** The table and its ancestors, nearest first. */
  ancestry(name: string): readonly string[]
  /** The table and everything that extends it. */
  family(name: string): readonly string[]
}

type ChoiceSource = (table: string, element: string) => readonly { value: string; label: string }[]

const defaultLengths: Readonly<Record<string, number>> = {
  integer: 40,
  boolean: 40,
  reference: 32,
  glide_date_time: 40,
  glide_date: 40,
  glide_list: 4000,
  journal_input: 4000,
  GUID: 32,
}

/** A column with the defaults of its type. */
export function column(name: string, type: string, given: Partial<Column> = {}): Column {
  return {
    name,
    type,
    label: given.label ?? name,
    reference: given.reference ?? null,
    maxLength: given.maxLength ?? defaultLengths[type] ?? 255,
    mandatory: given.mandatory ?? false,
    defaultValue: given.defaultValue ?? '',
    choices: given.choices ?? [],
  }
}

const systemColumns: readonly Column[] = [
  column('sys_id', 'GUID', { label: 'Sys ID' }),
  column('sys_created_on', 'glide_date_time', { label: 'Created' }),
  column('sys_created_by', 'string', { label: 'Created by', maxLength: 40 }),
  column('sys_updated_on', 'glide_date_time', { label: 'Updated' }),
  column('sys_updated_by', 'string', { label: 'Updated by', maxLength: 40 }),
  column('sys_mod_count', 'integer', { label: 'Updates' }),
]

/** An empty dictionary; choices are looked up where they are kept (sys_choice). */
export function createDictionary(choicesOf: ChoiceSource): Dictionary {
  const declared = new Map<string, TableDeclaration>()
  const resolved = new Map<string, Table>()

  function ancestry(name: string): string[] {
    const chain: string[] = []
    for (let at: string | null = name; at !== null && !chain.includes(at);) {
      chain.push(at)
      at = declared.get(at)?.parent ?? null
    }
    return chain
  }

  function resolve(declaration: TableDeclaration): Table {
    const chain = ancestry(declaration.name)
    const columns = new Map<string, Column>(systemColumns.map((one) => [one.name, one]))
    for (const ancestor of chain.toReversed()) {
      for (const one of declared.get(ancestor)?.columns ?? []) columns.set(one.name, one)
    }
    for (const one of columns.values()) {
      columns.set(one.name, withChoices(one, chain, choicesOf))
    }
    const { name, label, parent, scope, displayField } = declaration
    return { name, label, parent, scope, displayField, columns }
  }

  return {
    declare(table) {
      declared.set(table.name, table)
      resolved.clear()
    },
    addColumn(table, added) {
      const declaration = declared.get(table)
      if (!declaration) throw new Error(`column ${added.name} of unknown table ${table}`)
      const others = declaration.columns.filter((one) => one.name !== added.name)
      declaration.columns = [...others, added]
      resolved.clear()
    },
    declaration: (name) => declared.get(name) ?? null,
    table(name) {
      const known = resolved.get(name)
      if (known) return known
      const declaration = declared.get(name)
      if (!declaration) return null
      const table = resolve(declaration)
      resolved.set(name, table)
      return table
    },
    names: () => [...declared.keys()],
    ancestry,
    family: (name) =>
      declared.has(name) ? [...declared.keys()].filter((one) => ancestry(one).includes(name)) : [],
  }
}

function withChoices(one: Column, chain: readonly string[], choicesOf: ChoiceSource): Column {
  // A getter: choices are rows that an admin may change at any time. The nearest table that has any wins.
  return {
    ...one,
    get choices() {
      for (const table of chain) {
        const choices = choicesOf(table, one.name)
        if (choices.length > 0) return choices
      }
      return []
    },
  }
}

/** Reads the compact notation of base-tables.ts. */
export function fromSpec(spec: TableSpec): TableDeclaration {
  return {
    name: spec.name,
    label: spec.label,
    parent: spec.parent,
    scope: 'global',
    displayField: spec.display,
    prefix: spec.prefix,
    unique: [],
    columns: spec.columns
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(columnFromLine),
  }
}

function columnFromLine(line: string): Column {
  const [name = '', label = '', type = '', size = '', defaultValue = ''] = line
    .split('|')
    .map((part) => part.trim())
  const refers = type === 'reference' || type === 'glide_list'
  return column(name, type, {
    label,
    defaultValue,
    reference: refers ? size : null,
    ...(size !== '' && !refers ? { maxLength: Number(size) } : {}),
  })
}
