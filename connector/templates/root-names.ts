// Finds the names from which a JSONata expression starts, so that a misspelt one is found when the
// template is read, not when a ticket arrives and the value is silently missing.
import type jsonata from 'jsonata'

/** Parts of a node that are evaluated with the same input as the node itself. */
const sameInput = [
  'lhs',
  'rhs',
  'arguments',
  'expressions',
  'expression',
  'condition',
  'then',
  'else',
  'body',
]

/**
 * Names of the top-level fields the expression reads. Only what is certain: names inside a path step, a
 * filter or an object constructor of another input are left out.
 */
export function rootNames(ast: jsonata.ExprNode): string[] {
  const names = new Set<string>()
  collect(ast, names)
  return [...names]
}

// The typings of JSONata leave out half of the node types, so nodes are read as plain values.
function collect(node: unknown, names: Set<string>): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, names)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const parts = Object.entries(node)
  const type = parts.find(([key]) => key === 'type')?.[1]
  // `a ~> f` and `a.b` hand on the value of their first part; what follows sees another input.
  if (type === 'path') {
    collect(firstStep(parts), names)
    return
  }
  if (type === 'name') {
    names.add(String(parts.find(([key]) => key === 'value')?.[1]))
    return
  }
  // Lambdas may be called by $map and friends, yet their input stays the one they were written in.
  for (const [key, part] of parts) if (sameInput.includes(key)) collect(part, names)
}

function firstStep(parts: readonly [string, unknown][]): unknown {
  const steps = parts.find(([key]) => key === 'steps')?.[1]
  return Array.isArray(steps) ? steps[0] : undefined
}
