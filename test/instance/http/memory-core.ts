// A platform core just large enough to test the front alone: two tables in memory, equality queries, fixed rights.
import type {
  JournalEntry,
  Platform,
  QueryOptions,
  Session,
  StoredRecord,
  WriteResult,
} from '../types.ts'
import { idOf, memoryTables, people, runAutomation } from './memory-data.ts'

interface Memory {
  rows: Map<string, Map<string, StoredRecord>>
  journals: Map<string, JournalEntry[]>
  numbers: number
}

/** Creates a core with the sample people and no tickets. */
export function createMemoryCore(): Platform {
  const memory: Memory = { rows: new Map(), journals: new Map(), numbers: 10_000 }
  for (const name of memoryTables.keys()) memory.rows.set(name, new Map())
  for (const { roles: _, ...person } of people) {
    const sysId = idOf(person.user_name)
    const record = { ...person, sys_id: sysId, active: 'true', user_password: 'demo' }
    memory.rows.get('sys_user')?.set(sysId, record)
  }
  return { ...rights(memory), ...data(memory), ...displays(memory), ...app(memory), ...machine() }
}

type Rights = Pick<
  Platform,
  'table' | 'tableNames' | 'session' | 'checkPassword' | 'canRead' | 'canWrite' | 'menu'
>

function rights(memory: Memory): Rights {
  return {
    table: (name) => memoryTables.get(name) ?? null,
    tableNames: () => [...memoryTables.keys()],
    session(userName, interactive) {
      const person = people.find((candidate) => candidate.user_name === userName)
      if (person === undefined) return null
      return {
        userSysId: idOf(userName),
        userName,
        displayName: person.name,
        roles: new Set(person.roles),
        groups: [],
        interactive,
      }
    },
    checkPassword: (userName, password) =>
      memory.rows.get('sys_user')?.get(idOf(userName))?.['user_password'] === password,
    canRead: (session, name) => name === 'sys_user' || isFulfiller(session),
    canWrite: (session) => isFulfiller(session),
    menu: () => [{ title: 'Ticket Automation', entries: [{ title: 'Runs', href: '/about' }] }],
  }
}

function isFulfiller(session: Session): boolean {
  return session.roles.has('itil') || session.roles.has('admin')
}

type Data = Pick<Platform, 'query' | 'get' | 'insert' | 'update' | 'remove' | 'journal'>

function data(memory: Memory): Data {
  return {
    query(session, name, options) {
      if (options.acl !== false && name !== 'sys_user' && !isFulfiller(session)) {
        return refusal(403, 'Insufficient rights to query records', null)
      }
      return select([...(memory.rows.get(name)?.values() ?? [])], options)
    },
    get(...[session, name, sysId, acl]) {
      const record = memory.rows.get(name)?.get(sysId)
      const visible = acl === false || name === 'sys_user' || isFulfiller(session)
      return record === undefined || !visible ? null : { ...record }
    },
    insert(...[session, name, values, display]) {
      if (!isFulfiller(session))
        return refusal(403, 'Operation Failed', 'ACL Exception Insert Failed')
      memory.numbers += 1
      const sysId = values['sys_id'] ?? idOf(`record ${memory.numbers}`)
      const fresh: StoredRecord = { sys_id: sysId }
      for (const column of memoryTables.get(name)?.columns.values() ?? []) {
        if (column.name !== 'sys_id') fresh[column.name] = column.defaultValue
      }
      if ('number' in fresh) fresh['number'] = `INC00${memory.numbers}`
      memory.rows.get(name)?.set(sysId, fresh)
      return write(memory, session, { name, sysId, values, display: display === true })
    },
    update: (...[session, name, sysId, values, display]) =>
      write(memory, session, { name, sysId, values, display: display === true }),
    remove(_, name, sysId) {
      if (memory.rows.get(name)?.delete(sysId) === true) return { ok: true, record: {} }
      return noRecord()
    },
    journal: (_, sysId) => memory.journals.get(sysId) ?? [],
  }
}

function select(
  records: StoredRecord[],
  options: QueryOptions,
): { records: StoredRecord[]; total: number } {
  const terms = (options.encodedQuery ?? '').split('^').filter((term) => term !== '')
  const order = /^ORDERBY(DESC)?(.*)$/.exec(terms.find((term) => term.startsWith('ORDERBY')) ?? '')
  const found = records.filter((record) => terms.every((term) => matches(record, term)))
  if (order !== null) {
    const field = order[2] ?? ''
    found.sort((left, right) => (left[field] ?? '').localeCompare(right[field] ?? ''))
    if (order[1] !== undefined) found.reverse()
  }
  const from = options.offset ?? 0
  const page = found.slice(from, from + (options.limit ?? found.length))
  return { records: page.map((record) => ({ ...record })), total: found.length }
}

function matches(record: StoredRecord, term: string): boolean {
  const [, field = '', operator, value = ''] = /^([a-z_]+)(!?=|STARTSWITH)(.*)$/s.exec(term) ?? []
  const stored = record[field] ?? ''
  if (operator === 'STARTSWITH') return stored.startsWith(value)
  return operator === undefined || (stored === value) === (operator === '=')
}

function write(
  memory: Memory,
  session: Session,
  given: { name: string; sysId: string; values: StoredRecord; display: boolean },
): WriteResult {
  const { name, sysId } = given
  const record = memory.rows.get(name)?.get(sysId)
  if (record === undefined) return noRecord()
  if (!isFulfiller(session)) return refusal(403, 'Operation Failed', 'ACL Exception Update Failed')
  const values = given.display ? storedValues(memory, name, given.values) : given.values
  const notes = values['close_notes'] ?? record['close_notes'] ?? ''
  if (values['state'] === '6' && notes === '') {
    return refusal(403, 'Operation Failed', 'Data Policy Exception: Close notes is mandatory')
  }
  for (const [field, value] of Object.entries(values)) {
    const isJournal = memoryTables.get(name)?.columns.get(field)?.type === 'journal_input'
    if (!isJournal) record[field] = value
    else if (value !== '') {
      const entry = { element: field, value, createdOn: stamp(), createdBy: session.userName }
      memory.journals.set(sysId, [...(memory.journals.get(sysId) ?? []), entry])
    }
  }
  record['sys_updated_on'] = stamp()
  return { ok: true, record: { ...record } }
}

function storedValues(memory: Memory, name: string, shown: StoredRecord): StoredRecord {
  const stored = Object.entries(shown).map(([field, value]) => {
    const column = memoryTables.get(name)?.columns.get(field)
    const choice = column?.choices.find((candidate) => candidate.label === value)
    const target = [...(memory.rows.get(column?.reference ?? '')?.values() ?? [])].find(
      (candidate) => candidate['name'] === value,
    )
    return [field, choice?.value ?? target?.['sys_id'] ?? value]
  })
  return Object.fromEntries(stored) as StoredRecord
}

function displays(memory: Memory): Pick<Platform, 'display' | 'value'> {
  function walk(name: string, record: StoredRecord, path: string): [string, StoredRecord, string] {
    const [first = '', ...rest] = path.split('.')
    if (rest.length === 0) return [name, record, first]
    const target = memoryTables.get(name)?.columns.get(first)?.reference ?? ''
    return walk(target, memory.rows.get(target)?.get(record[first] ?? '') ?? {}, rest.join('.'))
  }
  return {
    value(name, record, path) {
      const [, at, field] = walk(name, record, path)
      return at[field] ?? ''
    },
    display(name, record, path) {
      const [table, at, field] = walk(name, record, path)
      const value = at[field] ?? ''
      const column = memoryTables.get(table)?.columns.get(field)
      if (column?.reference) return memory.rows.get(column.reference)?.get(value)?.['name'] ?? ''
      return column?.choices.find((choice) => choice.value === value)?.label ?? value
    },
  }
}

type App = Pick<Platform, 'formActions' | 'runAction' | 'rest' | 'page' | 'asset' | 'ajax'>

function app(memory: Memory): App {
  return {
    formActions: (session, name) =>
      name === 'incident' && session.roles.has('x_snc_ticket_auto.agent') ? [runAutomation] : [],
    runAction(...[session, , name, sysId, values]) {
      const written = write(memory, session, { name, sysId, values, display: false })
      if (!written.ok) return written
      return { redirect: null, messages: [{ kind: 'info', text: 'Automation was requested.' }] }
    },
    rest: () => Promise.resolve(null),
    page: () => null,
    asset: () => null,
    ajax: () => ({ status: 200, answer: '' }),
  }
}

function machine(): Pick<Platform, 'now' | 'advance' | 'settle' | 'log' | 'close'> {
  return {
    now: () => new Date(),
    advance: () => Promise.reject(new Error('a real clock cannot be moved')),
    settle: () => Promise.resolve(),
    log: () => [],
    close: () => Promise.resolve(),
  }
}

function refusal(status: 403 | 404, message: string, detail: string | null) {
  return { ok: false, status, message, detail } as const
}

function noRecord() {
  const detail = "Record doesn't exist or ACL restricts the record retrieval"
  return refusal(404, 'No Record found', detail)
}

function stamp(): string {
  return new Date().toISOString().slice(0, 19).replace('T', ' ')
}
