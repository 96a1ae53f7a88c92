// How encoded queries compare one stored value with a literal: by column type and profile.
import { gsDate, timeOf } from './query-dates.ts'
import { UnsupportedQueryError } from './query-parse.ts'

/** One record as a query sees it. */
export interface QueryRecord {
  /** Stored value, dot-walks allowed; '' when empty. */
  value(field: string): string
  /** Display value, for STARTSWITH, LIKE … on references. */
  display(field: string): string
}

/** The surroundings of a query. */
export interface QueryContext {
  profile: 'list' | 'filter'
  /** Internal type of a field (dot-walks allowed) or null when there is no such field. */
  type(field: string): string | null
  now: Date
  userSysId: string
  /** Record before the change, for VALCHANGES, CHANGESFROM, CHANGESTO. */
  previous?: QueryRecord
  /** Values of DYNAMIC filter options by their sys_id. */
  dynamic?: Readonly<Record<string, readonly string[]>>
  /** The class and its ancestors, for INSTANCEOF. */
  classChain?(className: string): readonly string[]
}

const dateTypes = new Set(['glide_date_time', 'glide_date', 'due_date'])
const numberTypes = new Set(['integer', 'decimal', 'float', 'longint'])

/** What a comparison must know: the column's type and the query's surroundings. */
export interface Kind {
  type: string
  context: QueryContext
}

/** A test of stored values against one literal. */
export function comparison(
  operator: string,
  value: string,
  kind: Kind,
): (stored: string) => boolean {
  const wanted = comparable(value, kind)
  return (stored) => {
    if (stored === '' || value === '') return emptyCompare(operator, { stored, value }, kind)
    const found = comparable(stored, kind)
    if (typeof found === 'number' && Number.isNaN(found)) return false
    switch (operator) {
      case '=':
        return found === wanted
      case '>':
        return found > wanted
      case '>=':
        return found >= wanted
      case '<':
        return found < wanted
      case '<=':
        return found <= wanted
      default:
        throw new UnsupportedQueryError(`operator ${operator}`)
    }
  }
}

function emptyCompare(
  operator: string,
  sides: { stored: string; value: string },
  kind: Kind,
): boolean {
  if (operator === '=') return sides.stored === sides.value
  // GlideFilter counts empty dates as earlier than any date (c_GlideFilterScopedAPI).
  return (
    kind.context.profile === 'filter' &&
    dateTypes.has(kind.type) &&
    sides.stored === '' &&
    operator.startsWith('<')
  )
}

function comparable(value: string, { type, context }: Kind): string | number {
  if (dateTypes.has(type)) return timeOf(value)
  if (numberTypes.has(type)) return Number(value)
  if (type === 'boolean') return value === '1' || value.toLowerCase() === 'true' ? 1 : 0
  return context.profile === 'list' ? value.toLowerCase() : value
}

/** Operands of a term; `javascript:` expressions are limited to the listed functions. */
export function operand(value: string, context: QueryContext): readonly string[] {
  if (!value.startsWith('javascript:')) return [value]
  return [expression(value.slice('javascript:'.length), context)]
}

function expression(code: string, context: QueryContext): string {
  const call = /^gs\.([A-Za-z]+)\((?:'?([\w-]*)'?)?\);?$/.exec(code.trim())
  if (call?.[1] === 'getUserID') return context.userSysId
  const date = call ? gsDate(call[1] ?? '', call[2] ?? '', context.now.getTime()) : null
  if (date === null) throw new UnsupportedQueryError(`javascript value not emulated: ${code}`)
  return date
}
