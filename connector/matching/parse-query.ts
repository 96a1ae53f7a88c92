// The grammar of encoded queries: text -> groups (OR) of clauses (AND) of terms (OR). It knows no field types
// and decides nothing about values. Grammar: ServiceNow docs "Operators available for filters and queries",
// SDK guide "Encoded Queries" (there is no escape for ^; ^OR binds to the term before it).

/** Why a query cannot be used. INVALID = wrong on the instance too; UNSUPPORTED = only the instance can tell. */
export interface Refusal {
  readonly ok: false
  readonly code: 'INVALID' | 'UNSUPPORTED'
  readonly reason: string
}

/** One condition: field, operator, value, and the text it was written as. */
export interface Term {
  readonly field: string
  readonly operator: string
  readonly value: string
  readonly text: string
}

/** AND of clauses; a clause is an OR of terms. */
type TermGroup = readonly (readonly Term[])[]

/** The structure of a query: OR of groups. */
export interface ParsedQuery {
  readonly ok: true
  readonly groups: readonly TermGroup[]
}

/** Longest first, so that `NOT IN` is never read as something shorter. */
const operators = [
  '= != > >= < <= IN BETWEEN LIKE * CONTAINS NOTLIKE !* STARTSWITH ENDSWITH %',
  'ISEMPTY ISNOTEMPTY EMPTYSTRING ANYTHING MORETHAN LESSTHAN ON NOTON DATEPART',
  'SAMEAS NSAMEAS GT_FIELD LT_FIELD GT_OR_EQUALS_FIELD LT_OR_EQUALS_FIELD',
  'RELATIVEGT RELATIVELT RELATIVEGE RELATIVELE RELATIVEEE',
  'DYNAMIC INSTANCEOF VALCHANGES CHANGESFROM CHANGESTO',
  'IN_HIERARCHY IN_HIERARCHY_DYNAMIC DOESNOTHAVE EXCLUDING MATCH_RGX MATCH_PAT',
]
  .flatMap((line) => line.split(' '))
  .concat('NOT IN', 'NOT LIKE', 'DOES NOT CONTAIN')
  .toSorted((a, b) => b.length - a.length)

const twoFieldOperators: ReadonlySet<string> = new Set(
  operators.filter((name) => /SAMEAS$|_FIELD$|THAN$/.test(name)),
)

/** Starts of terms that ask for other tables or for the instance's text index. */
const foreignStarts: readonly (readonly [start: string, what: string])[] = [
  ['JOIN', 'a join with another table'],
  ['RLQUERY', 'a related-list condition'],
  ['ENDRLQUERY', 'a related-list condition'],
  ['123TEXTQUERY321', 'full-text search'],
  ['123TEXTINDEXGROUP321', 'full-text search'],
  ['sys_tags.', 'a condition on tags'],
]

const fieldPrefix = /^[a-z0-9_.]+/

/** Parses a query. Never throws; takes time linear in the length of the text. */
export function parseQuery(query: string): ParsedQuery | Refusal {
  const groups: Term[][][] = [[]]
  for (const token of query.split('^')) {
    if (isNeutral(token)) continue
    const refusal = addToken(token, groups)
    if (refusal !== null) return refusal
  }
  if (groups.length === 1 && groups[0]?.length === 0) {
    return invalid('the query has no condition, so it would match every record')
  }
  if (groups.some((group) => group.length === 0)) {
    return invalid('^NQ without a condition before or after it would match every record')
  }
  return { ok: true, groups }
}

/** The fields a term reads: its own, and the one it is compared with. */
export function fieldsOf({ field, operator, value }: Term): readonly string[] {
  return twoFieldOperators.has(operator) ? [field, value.split('@', 1)[0] ?? ''] : [field]
}

/** A query that is wrong. */
export function invalid(reason: string): Refusal {
  return { ok: false, code: 'INVALID', reason }
}

/** A query that only the instance can decide. */
export function unsupported(reason: string): Refusal {
  return { ok: false, code: 'UNSUPPORTED', reason }
}

/** A term as it is quoted in reasons: complete where short, cut visibly where long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? text.slice(0, 79) + '…' : text)
}

/** Tokens that do not decide a match. ORDERBY must be seen before OR, or it would be OR + field "DERBY…". */
function isNeutral(token: string): boolean {
  return (
    token === '' || token === 'EQ' || token.startsWith('ORDERBY') || token.startsWith('GROUPBY')
  )
}

function addToken(token: string, groups: Term[][][]): Refusal | null {
  if (token.startsWith('NQ')) {
    groups.push([])
    return token === 'NQ' ? null : addClause(token.slice(2), groups)
  }
  if (token.startsWith('OR')) return addAlternative(token.slice(2), groups)
  return addClause(token, groups)
}

function addClause(text: string, groups: Term[][][]): Refusal | null {
  const term = parseTerm(text)
  if ('ok' in term) return term
  groups.at(-1)?.push([term])
  return null
}

function addAlternative(text: string, groups: Term[][][]): Refusal | null {
  const clause = groups.at(-1)?.at(-1)
  if (clause === undefined) return invalid(`${quote('OR' + text)}: ^OR has no condition before it`)
  const term = parseTerm(text)
  if ('ok' in term) return term
  clause.push(term)
  return null
}

function parseTerm(text: string): Term | Refusal {
  const foreign = foreignStarts.find(([start]) => text.startsWith(start))
  if (foreign !== undefined) {
    return unsupported(`${quote(text)} is ${foreign[1]}, which only the instance can evaluate`)
  }
  const field = fieldPrefix.exec(text)?.[0]
  if (field === undefined) {
    return invalid(
      `${quote(text)} does not begin with a field name (lower case; ^ always separates)`,
    )
  }
  const operator = operators.find((candidate) => text.startsWith(candidate, field.length))
  if (operator === undefined) {
    return invalid(`${quote(text)}: no known operator directly after the field ${field}`)
  }
  return { field, operator, value: text.slice(field.length + operator.length), text }
}
