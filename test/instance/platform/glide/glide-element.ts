// GlideElement: a field of a record, live (it shows what its record holds now), dot-walkable along references.
import type { Column, StoredRecord } from '../../types.ts'
import { fromStored, toStored } from '../clock.ts'
import { journalEntries, journalText } from '../journal.ts'
import { unscramble } from '../secrets.ts'
import { fromDisplay } from '../values.ts'
import { text } from './host.ts'
import type { GlideHost } from './host.ts'

/** The record an element belongs to. */
export interface ElementOwner {
  table: string
  record(): StoredRecord
  /** State before the operation, for changes(). */
  original(): StoredRecord
  set(field: string, value: string): void
  /** A GlideRecord of a referenced row. */
  refer(table: string, record: StoredRecord | null): object
}

interface Element {
  host: GlideHost
  owner: ElementOwner
  column: Column
}

/** The element of a column; names of columns of the referenced table dot-walk. */
export function makeElement(host: GlideHost, owner: ElementOwner, column: Column): object {
  const element = { host, owner, column }
  const methods: Record<string | symbol, unknown> = {
    ...valueMethods(element),
    ...changeMethods(element),
    ...describeMethods(element),
  }
  // A boolean compares as one (current.active == true); everything else as its text.
  methods[Symbol.toPrimitive] = (hint: string) =>
    column.type === 'boolean' && hint !== 'string' ? stored(element) === 'true' : stored(element)
  return new Proxy(methods, {
    get(target, key): unknown {
      if (key in target || typeof key !== 'string') return Reflect.get(target, key)
      return walk(element, key)
    },
    set(_, key): boolean {
      throw host.realm.error(`${column.name}.${String(key)} cannot be set through a dot-walk`)
    },
  })
}

function stored({ owner, column }: Element): string {
  return owner.record()[column.name] ?? ''
}

function walk({ host, owner, column }: Element, key: string): object | undefined {
  const { dictionary, fields } = host.core
  if (column.reference === null || column.type !== 'reference') return undefined
  const next = dictionary.table(column.reference)?.columns.get(key)
  if (!next) return undefined
  const target = column.reference
  function record(): StoredRecord {
    return fields.referenced(owner.table, owner.record(), column.name) ?? {}
  }
  const walked: ElementOwner = {
    table: target,
    record,
    original: record,
    refer: (table, row) => owner.refer(table, row),
    set() {
      throw host.realm.error(`${column.name}.${key} cannot be set through a dot-walk`)
    },
  }
  return makeElement(host, walked, next)
}

function valueMethods(element: Element): Record<string, unknown> {
  const { host, owner, column } = element
  const { core } = host
  return {
    toString: () => stored(element),
    getValue: () => (stored(element) === '' ? null : stored(element)),
    getDisplayValue(max?: unknown) {
      const shown = core.fields.display(owner.table, owner.record(), column.name)
      return typeof max === 'number' ? shown.slice(0, max) : shown
    },
    setValue: (value: unknown) => owner.set(column.name, text(value)),
    setDisplayValue: (value: unknown) =>
      owner.set(column.name, fromDisplay(core, column, text(value))),
    getDecryptedValue: () =>
      column.type === 'password2' ? unscramble(stored(element)) : stored(element),
    getRefRecord() {
      const row = core.fields.referenced(owner.table, owner.record(), column.name)
      return owner.refer(column.reference ?? '', row)
    },
    nil: () => stored(element) === '',
    getChoiceValue: () => stored(element),
    dateNumericValue: () => fromStored(stored(element)) ?? 0,
    setDateNumericValue: (time: unknown) =>
      owner.set(column.name, toStored(new Date(Number(time)))),
    getJournalEntry(which: unknown) {
      if (Number(which) === -1) return journalText(core.store, owner.record(), column)
      const entries = journalEntries(core.store, owner.record()['sys_id'] ?? '')
      const latest = entries.find((entry) => entry.element === column.name)
      return latest
        ? `${latest.createdOn} - ${latest.createdBy} (${column.label})\n${latest.value}`
        : ''
    },
  }
}

function changeMethods(element: Element): Record<string, unknown> {
  const { owner, column } = element
  function before(): string {
    return owner.original()[column.name] ?? ''
  }
  return {
    changes: () => before() !== stored(element),
    changesFrom: (value: unknown) => before() !== stored(element) && before() === text(value),
    changesTo: (value: unknown) => before() !== stored(element) && stored(element) === text(value),
  }
}

function describeMethods({ host, owner, column }: Element): Record<string, unknown> {
  const { core, execution } = host
  function may(operation: 'read' | 'write' | 'create'): boolean {
    const question = { table: owner.table, field: column.name, record: owner.record() }
    return core.rights.allowed(execution().session, { ...question, operation })
  }
  return {
    getLabel: () => column.label,
    getName: () => column.name,
    getTableName: () => owner.table,
    getReferenceTable: () => column.reference,
    setError: (message: unknown) =>
      execution().messages.push({ kind: 'error', text: text(message) }),
    getED: () => ({
      getInternalType: () => column.type,
      getName: () => column.name,
      getLabel: () => column.label,
      getLength: () => column.maxLength,
      isMandatory: () => column.mandatory,
      isReference: () => column.type === 'reference',
    }),
    canRead: () => may('read'),
    canWrite: () => may('write'),
    canCreate: () => may('create'),
  }
}
