// The service catalog: what may be ordered, and an order as the platform stores it. The sequence is the
// documented one (request-management-architecture): answers, then the item, then its request.
import type { Failure, Session, StoredRecord } from '../types.ts'
import type {
  CatalogAnswer,
  CatalogItem,
  CatalogOrder,
  CatalogQuestion,
  OrderResult,
} from '../types.ts'
import type { Core } from './core.ts'
import { newSysId } from './ids.ts'
import { scramble } from './secrets.ts'

/** Question types (item_option_new.type) the local catalog can ask. */
export const questionTypes = {
  multiLine: '2',
  number: '4',
  choice: '5',
  text: '6',
  checkbox: '7',
  reference: '8',
  masked: '25',
} as const

/** Active items of the catalog with their questions, by name. */
export function catalogItems(core: Core): readonly CatalogItem[] {
  return [...core.store.rows('sc_cat_item')]
    .filter((row) => row['active'] === 'true')
    .map((row) => ({
      sysId: row['sys_id'] ?? '',
      name: row['name'] ?? '',
      shortDescription: row['short_description'] ?? '',
      category: core.fields.display('sc_cat_item', row, 'category'),
      questions: questionsOf(core, row['sys_id'] ?? ''),
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name))
}

function questionsOf({ store }: Core, item: string): CatalogQuestion[] {
  return [...store.rows('item_option_new')]
    .filter((row) => row['cat_item'] === item && row['active'] === 'true')
    .toSorted((a, b) => Number(a['order']) - Number(b['order']))
    .map((row) => ({
      sysId: row['sys_id'] ?? '',
      name: row['name'] ?? '',
      label: row['question_text'] ?? '',
      type: row['type'] ?? questionTypes.text,
      mandatory: row['mandatory'] === 'true',
      defaultValue: row['default_value'] ?? '',
      help: row['help_text'] ?? '',
      reference: row['reference'] ?? '',
      choices: choicesOf(store, row['sys_id'] ?? ''),
    }))
}

function choicesOf(store: Core['store'], question: string): { value: string; label: string }[] {
  return [...store.rows('question_choice')]
    .filter((row) => row['question'] === question && row['inactive'] !== 'true')
    .toSorted((a, b) => Number(a['order']) - Number(b['order']))
    .map((row) => ({ value: row['value'] ?? '', label: row['text'] ?? '' }))
}

/** Orders one item as this person. References are given by display value or sys_id. */
export function placeOrder(core: Core, session: Session, order: CatalogOrder): OrderResult {
  const item = catalogItems(core).find((one) => one.sysId === order.item)
  if (!item) return failure(404, 'No such catalog item')
  if (!Number.isSafeInteger(order.quantity) || order.quantity < 1) {
    return failure(400, 'Invalid quantity')
  }
  const read = item.questions.map((question) => ({
    question,
    ...readAnswer(core, order, question),
  }))
  const problems = read.flatMap(({ problem }) => (problem === null ? [] : [problem]))
  if (problems.length > 0) return failure(400, problems.join(' '))
  const [requestId, itemId] = [newSysId(), newSysId()]
  const links = read.map(({ question, value }) => storeAnswer(core, session, { question, value }))
  for (const link of links) {
    const values = { request_item: itemId }
    core.writer.update(
      session,
      { table: 'sc_item_option_mtom', sysId: link, values },
      { acl: false },
    )
  }
  const requested = insert(core, session, {
    table: 'sc_req_item',
    values: itemValues(core, { item, order, requestId, itemId }),
  })
  const request = insert(core, session, {
    table: 'sc_request',
    values: {
      sys_id: requestId,
      requested_for: order.requestedFor,
      short_description: item.name,
      request_state: 'in_process',
      approval: 'approved',
      stage: 'request_approved',
    },
  })
  return { ok: true, request, item: requested }
}

function itemValues(
  { store }: Core,
  made: { item: CatalogItem; order: CatalogOrder; requestId: string; itemId: string },
): StoredRecord {
  const { item, order } = made
  const stored = store.find('sc_cat_item', item.sysId)
  return {
    sys_id: made.itemId,
    request: made.requestId,
    cat_item: item.sysId,
    sc_catalog: (stored?.['sc_catalogs'] ?? '').split(',')[0] ?? '',
    short_description: item.shortDescription,
    requested_for: order.requestedFor,
    quantity: String(order.quantity),
    assignment_group: stored?.['group'] ?? '',
    approval: 'approved',
    stage: 'fulfillment',
  }
}

/** The value to store, and what is wrong with it. */
function readAnswer(
  core: Core,
  { answers }: CatalogOrder,
  question: CatalogQuestion,
): { value: string; problem: string | null } {
  const given = answers[question.name] ?? ''
  if (question.type === questionTypes.checkbox) {
    return { value: String(given === 'true'), problem: null }
  }
  if (given === '') {
    return { value: '', problem: question.mandatory ? `${question.label} is mandatory.` : null }
  }
  if (question.type === questionTypes.number && !/^-?\d+$/.test(given)) {
    return { value: '', problem: `${question.label} must be a whole number.` }
  }
  const isChoice = question.type === questionTypes.choice
  if (isChoice && !question.choices.some((choice) => choice.value === given)) {
    return { value: '', problem: `${question.label}: "${given}" is not a choice.` }
  }
  if (question.type !== questionTypes.reference) return { value: given, problem: null }
  const found = referenced(core, question.reference, given)
  const problem = `${question.label}: there is no "${given}".`
  return found === null ? { value: '', problem } : { value: found, problem: null }
}

function referenced({ store, fields }: Core, table: string, given: string): string | null {
  if (store.find(table, given)) return given
  const display = [...store.rows(table)].find(
    (row) => fields.value(table, row, 'name').toLowerCase() === given.toLowerCase(),
  )
  return display?.['sys_id'] ?? null
}

/** One answer: its option row and the link that the item takes over. Gives the link's sys_id. */
function storeAnswer(
  core: Core,
  session: Session,
  { question, value }: { question: CatalogQuestion; value: string },
): string {
  const stored = question.type === questionTypes.masked ? scramble(value) : value
  const values = { item_option_new: question.sysId, value: stored }
  const option = insert(core, session, { table: 'sc_item_option', values })
  const link = { sc_item_option: option['sys_id'] ?? '' }
  return insert(core, session, { table: 'sc_item_option_mtom', values: link })['sys_id'] ?? ''
}

function insert(
  { writer }: Core,
  session: Session,
  row: { table: string; values: StoredRecord },
): StoredRecord {
  const made = writer.insert(session, row, { acl: false })
  if (!made.ok) throw new Error(`${row.table}: ${made.detail ?? made.message}`)
  return made.record
}

/** Questions and answers of a requested item as people read them; masked ones stay masked. */
export function answersOf(core: Core, item: string): readonly CatalogAnswer[] {
  const { store } = core
  const answers: (CatalogAnswer & { order: number })[] = []
  for (const link of store.rows('sc_item_option_mtom')) {
    if (link['request_item'] !== item) continue
    const option = store.find('sc_item_option', link['sc_item_option'] ?? '')
    const question = store.find('item_option_new', option?.['item_option_new'] ?? '')
    if (!option || !question) continue
    answers.push({
      name: question['name'] ?? '',
      label: question['question_text'] ?? '',
      type: question['type'] ?? questionTypes.text,
      value: option['value'] ?? '',
      display: displayOf(core, question, option['value'] ?? ''),
      order: Number(question['order']),
    })
  }
  return answers.toSorted((a, b) => a.order - b.order)
}

function displayOf({ store, fields }: Core, question: StoredRecord, value: string): string {
  if (value === '') return ''
  if (question['type'] === questionTypes.masked) return '********'
  if (question['type'] === questionTypes.choice) {
    const choices = choicesOf(store, question['sys_id'] ?? '')
    return choices.find((choice) => choice.value === value)?.label ?? value
  }
  if (question['type'] !== questionTypes.reference) return value
  const table = question['reference'] ?? ''
  const record = store.find(table, value)
  return record ? fields.value(table, record, 'name') || value : value
}

function failure(status: 400 | 404, message: string): Failure {
  return { ok: false, status, message, detail: null }
}
