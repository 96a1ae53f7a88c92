// The `tree` of Jenkins' remote API: which fields of an object are told, `name[inner]{from,to}`. `_class` always is.

/** The part of the value that the query asks for. */
export function treeOf(value: unknown, query: URLSearchParams): unknown {
  const text = query.get('tree')
  return text === null ? value : pick(value, parse(text))
}

interface Field {
  name: string
  inner: Field[]
  range: [number, number] | null
}

function pick(value: unknown, fields: readonly Field[]): unknown {
  if (Array.isArray(value)) return value.map((one) => pick(one, fields))
  if (typeof value !== 'object' || value === null || fields.length === 0) return value
  // Objects of the stand-in are records.
  const record = value as Record<string, unknown>
  const picked: Record<string, unknown> = '_class' in record ? { _class: record['_class'] } : {}
  for (const { name, inner, range } of fields) {
    const part = record[name]
    if (part === undefined) continue
    const some = range !== null && Array.isArray(part) ? part.slice(...range) : part
    picked[name] = pick(some, inner)
  }
  return picked
}

function parse(text: string): Field[] {
  return splitTop(text).map((part) => {
    const [, name = '', inner = '', from, to] =
      /^([A-Za-z_]+)(?:\[(.*)\])?(?:\{(\d+),(\d+)\})?$/.exec(part) ?? []
    if (name === '') throw new Error(`no tree: ${part}`)
    const range: [number, number] | null = from === undefined ? null : [Number(from), Number(to)]
    return { name, inner: inner === '' ? [] : parse(inner), range }
  })
}

/** Splits at the commas that are in no brackets. */
function splitTop(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (const char of text) {
    if (char === '[' || char === '{') depth++
    if (char === ']' || char === '}') depth--
    if (char === ',' && depth === 0) parts.push('')
    else parts.push((parts.pop() ?? '') + char)
  }
  return parts
}
