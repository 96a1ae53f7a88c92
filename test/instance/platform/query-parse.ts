// Parses encoded queries as the platform does (servicenow-runtime.md §1.1). A term that is no
// `field operator value` is kept as invalid: what happens to it is the evaluator's business.

/** One `field operator value`. */
export interface Term {
  field: string
  operator: string
  value: string
}

/** Groups are OR'ed, clauses of a group AND'ed, terms of a clause OR'ed. null = a term nobody understands. */
export interface ParsedQuery {
  groups: (Term | null)[][][]
  order: { field: string; descending: boolean }[]
}

/** What the local instance does not emulate; thrown instead of guessing an answer. */
export class UnsupportedQueryError extends Error {
  override name = 'UnsupportedQueryError'
}

// Longest first, so that NOT IN is not read as a value of another operator.
const operators = [
  'GT_OR_EQUALS_FIELD|LT_OR_EQUALS_FIELD|IN_HIERARCHY_DYNAMIC|IN_HIERARCHY',
  'DOES NOT CONTAIN|DOESNOTHAVE|EXCLUDING|CHANGESFROM|EMPTYSTRING|VALCHANGES|ISNOTEMPTY',
  'INSTANCEOF|STARTSWITH|RELATIVEGT|RELATIVELT|RELATIVEGE|RELATIVELE|RELATIVEEE',
  'CHANGESTO|NOT LIKE|ANYTHING|DATEPART|GT_FIELD|LT_FIELD|CONTAINS|ENDSWITH|LESSTHAN',
  'MORETHAN|NSAMEAS|NOTLIKE|BETWEEN|DYNAMIC|ISEMPTY|NOT IN|SAMEAS|NOTON|LIKE|IN|ON|>=',
  '<=|!=|!*|=|>|<|*|%',
].flatMap((line) => line.split('|'))

const refused = /^(JOIN|RLQUERY|ENDRLQUERY|123TEXTQUERY321|123TEXTINDEXGROUP321|sys_tags\b)/

/** Parses; throws UnsupportedQueryError for joins, related lists, tags and text search. */
export function parseQuery(query: string): ParsedQuery {
  const parsed: ParsedQuery = { groups: [[]], order: [] }
  for (const token of query.split('^')) {
    if (token === '' || token === 'EQ' || token.startsWith('GROUPBY')) continue
    const order = /^ORDERBY(DESC)?([a-z0-9_.]+)$/.exec(token)
    if (order) {
      parsed.order.push({ field: order[2] ?? '', descending: order[1] !== undefined })
      continue
    }
    addTerm(parsed, token)
  }
  return parsed
}

function addTerm(parsed: ParsedQuery, token: string): void {
  if (token.startsWith('NQ')) {
    parsed.groups.push([])
    if (token.length > 2) addTerm(parsed, token.slice(2))
    return
  }
  const group = parsed.groups.at(-1) ?? []
  if (token.startsWith('OR')) {
    const term = parseTerm(token.slice(2))
    const clause = group.at(-1)
    if (clause) clause.push(term)
    else group.push([term])
    return
  }
  group.push([parseTerm(token)])
}

function parseTerm(text: string): Term | null {
  if (refused.test(text)) throw new UnsupportedQueryError(`not emulated in queries: ${text}`)
  const field = /^[a-z0-9_.]+/.exec(text)?.[0]
  if (field === undefined) return null
  const rest = text.slice(field.length)
  const operator = operators.find((one) => rest.startsWith(one))
  if (operator === undefined) return null
  return { field, operator, value: rest.slice(operator.length) }
}
