// The inside of the local instance: what its HTTP front (http/) may ask of its platform core (platform/).
// The core knows tables, rules, scripts, roles and clocks; the front knows URLs, HTML and status codes.

/** Stored values of a record: field -> string, as a database row would hold them ('' = empty). */
export type StoredRecord = Record<string, string>

/** Who is acting. */
export interface Session {
  userSysId: string
  userName: string
  displayName: string
  /** Role names, inherited ones included. */
  roles: ReadonlySet<string>
  /** Group sys_ids. */
  groups: readonly string[]
  /** True for pages, false for REST, jobs and events (gs.isInteractive). */
  interactive: boolean
}

/** One column of a table, inherited ones included. */
export interface Column {
  name: string
  label: string
  /** Internal type: string, integer, boolean, reference, glide_date_time, journal_input, password2, … */
  type: string
  /** Target of a reference column. */
  reference: string | null
  maxLength: number
  mandatory: boolean
  defaultValue: string
  /** Choices by value, in order; empty when the column has none. */
  choices: readonly { value: string; label: string }[]
}

/** One table. */
export interface Table {
  name: string
  label: string
  /** Parent table or null. */
  parent: string | null
  /** Scope that owns it ('global' for base tables). */
  scope: string
  displayField: string
  columns: ReadonlyMap<string, Column>
}

/** Why an operation was not done, with what the Table API answers for it. */
export interface Failure {
  ok: false
  /** HTTP status the Table API would answer. */
  status: 400 | 401 | 403 | 404
  message: string
  detail: string | null
}

/** Result of an operation that writes. */
export type WriteResult = { ok: true; record: StoredRecord } | Failure

/** Options of a query. */
export interface QueryOptions {
  encodedQuery?: string
  limit?: number
  offset?: number
  /** Apply table and field ACLs of the session. Default true. */
  acl?: boolean
}

/** An incoming scripted REST request. */
export interface RestRequest {
  method: string
  /** Path without query, e.g. /api/x_snc_ticket_auto/v1/automation/status-updates */
  path: string
  query: URLSearchParams
  headers: Record<string, string>
  body: string
}

/** Its answer, ready to be written. */
export interface RestResponse {
  status: number
  headers: Record<string, string>
  body: string
}

/** A UI action as a form shows it. */
export interface FormAction {
  sysId: string
  name: string
  label: string
  /** Client actions run `script` in the page (onclick expression `onClick`); server actions are posted back. */
  client: boolean
  onClick: string
  script: string
}

/** The outcome of a server UI action. */
export interface ActionResult {
  /** Where the browser goes next (path relative to the instance), or null to stay on the record. */
  redirect: string | null
  /** gs.addInfoMessage / addErrorMessage texts for the next page. */
  messages: readonly { kind: 'info' | 'error'; text: string }[]
}

/** A rendered UI page. */
export interface Page {
  html: string
  /** True = the page brings its own document (sys_ui_page.direct). */
  direct: boolean
}

/** One journal entry of a record. */
export interface JournalEntry {
  element: string
  value: string
  createdOn: string
  createdBy: string
}

/** A question of a catalog item. */
export interface CatalogQuestion {
  sysId: string
  name: string
  label: string
  /** item_option_new.type: 2 multi-line, 4 number, 5 choice, 6 text, 7 box, 8 reference, 25 masked. */
  type: string
  mandatory: boolean
  defaultValue: string
  help: string
  /** Table of a reference. */
  reference: string
  choices: readonly { value: string; label: string }[]
}

/** What may be ordered. */
export interface CatalogItem {
  sysId: string
  name: string
  shortDescription: string
  category: string
  questions: readonly CatalogQuestion[]
}

/** One order of one item. */
export interface CatalogOrder {
  /** sys_id of the catalog item. */
  item: string
  quantity: number
  /** sys_id of a user. */
  requestedFor: string
  /** Answers by the name of the question. */
  answers: Readonly<Record<string, string>>
}

/** The two records an order makes, or why there is none. */
export type OrderResult = { ok: true; request: StoredRecord; item: StoredRecord } | Failure

/** An answer of an ordered item; `display` is what people may see. */
export interface CatalogAnswer {
  name: string
  label: string
  type: string
  value: string
  display: string
}

/** Faults the front can inject for tests and demonstrations (servicenow-runtime.md §9, failNext). */
export type FaultKind = 'timeout' | '429' | '500' | 'html' | '200-with-error'

/** The platform core. */
export interface Platform {
  table(name: string): Table | null
  tableNames(): readonly string[]
  /** Session of a user by user_name, or null when there is none (or it is inactive). */
  session(userName: string, interactive: boolean): Session | null
  /** True when the password of the user is right. */
  checkPassword(userName: string, password: string): boolean
  query(
    session: Session,
    table: string,
    options: QueryOptions,
  ): { records: StoredRecord[]; total: number } | Failure
  get(session: Session, table: string, sysId: string, acl?: boolean): StoredRecord | null
  /** Values are stored values; with `display` reference and choice values are display values. */
  insert(session: Session, table: string, values: StoredRecord, display?: boolean): WriteResult
  update(
    session: Session,
    table: string,
    sysId: string,
    values: StoredRecord,
    display?: boolean,
  ): WriteResult
  remove(session: Session, table: string, sysId: string): WriteResult
  /** Display value of a stored field (choice label, reference's display field, 'true'/'false', …). Dot-walks. */
  display(table: string, record: StoredRecord, field: string): string
  /** Stored value of a field, dot-walks allowed. */
  value(table: string, record: StoredRecord, field: string): string
  canRead(session: Session, table: string, field?: string): boolean
  canWrite(session: Session, table: string, field?: string): boolean
  journal(table: string, sysId: string): readonly JournalEntry[]
  /** What this instance's catalog offers. */
  catalog(): readonly CatalogItem[]
  /** Orders an item as the session: answers, item and request in the platform's order of commits. */
  order(session: Session, order: CatalogOrder): OrderResult
  /** The answers of a requested item. */
  answers(requestedItem: string): readonly CatalogAnswer[]
  formActions(session: Session, table: string, sysId: string): readonly FormAction[]
  runAction(
    session: Session,
    actionSysId: string,
    table: string,
    sysId: string,
    values: StoredRecord,
  ): ActionResult | Failure
  /** Runs a scripted REST operation; session null = not authenticated. Null = no such resource. */
  rest(session: Session | null, request: RestRequest): Promise<RestResponse | null>
  /** A UI page by endpoint (x_snc_ticket_auto_start.do) or null. */
  page(session: Session, endpoint: string, query: URLSearchParams): Page | null
  /** A static asset of the built app (sys_ux_lib_asset) by path under /uxasset/externals/, or null. */
  asset(path: string): { contentType: string; body: Buffer } | null
  /** Runs a GlideAjax processor. */
  ajax(session: Session, parameters: URLSearchParams): { status: number; answer: string }
  /** Menu entries of the app that this session may see. */
  menu(
    session: Session,
  ): readonly { title: string; entries: readonly { title: string; href: string }[] }[]
  /** Current time of the instance (real or virtual). */
  now(): Date
  /** Moves a virtual clock and runs what became due; throws on a real clock. */
  advance(milliseconds: number): Promise<void>
  /** Resolves when no async rule, event or due job is waiting or running. */
  settle(): Promise<void>
  /** System log lines (gs.info, warn, error; script exceptions), newest last. */
  log(): readonly { level: string; source: string; message: string; at: string }[]
  close(): Promise<void>
}
