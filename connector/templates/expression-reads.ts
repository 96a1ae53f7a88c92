// Which parts of its facts a JSONata expression reads, as far as its text tells. Where it does not tell, the
// answer is "everything", so that a change is never overlooked. Pure.
import type jsonata from 'jsonata'

/** One thing that is read: `fields.category` is {root: fields, name: category}. */
export interface Read {
  /** Null = anything. */
  root: string | null
  /** Null = all of the root. */
  name: string | null
}

/** A node of the syntax tree. The typings leave out half of the types, so nodes are read as plain values. */
type Node = Record<string, unknown>

/** Parts of a node that are evaluated with the same input as the node itself. */
const sameInput: ReadonlySet<string> = new Set([
  'lhs',
  'rhs',
  'arguments',
  'expressions',
  'expression',
  'condition',
  'then',
  'else',
  'body',
])

const everything: Read = { root: null, name: null }

/** What the expression reads of the facts it is evaluated over. */
export function readsOf(ast: jsonata.ExprNode): Read[] {
  const reads: Read[] = []
  visit(ast, true, reads)
  return reads
}

/** `atRoot`: the node's input is the facts themselves. */
function visit(node: unknown, atRoot: boolean, reads: Read[]): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, atRoot, reads)
    return
  }
  if (!isNode(node)) return
  const looked = atRoot ? lookupOf(node) : null
  if (node['type'] === 'path') visitPath(node, atRoot, reads)
  else if (looked !== null) reads.push(looked)
  else if (isFacts(node, atRoot) || (atRoot && isWildcard(node))) reads.push(everything)
  else visitParts(node, atRoot, reads)
}

/** The root a path starts from; its further steps see another input, in which only `$$` means the facts. */
function visitPath(path: Node, atRoot: boolean, reads: Read[]): void {
  const [first, ...rest] = nodesOf(path['steps'])
  if (first === undefined) return
  const [second, third] = rest
  if (isFacts(first, atRoot)) {
    reads.push(second?.['type'] === 'name' ? readOf(second, third) : everything)
  } else if (atRoot && first['type'] === 'name') {
    reads.push(readOf(first, second))
    visitParts(first, false, reads)
  } else {
    visit(first, atRoot, reads)
  }
  for (const step of rest) visitParts(step, false, reads)
  visit(path['group'], false, reads)
}

/** All of the root, unless a plain name follows: a filter or a grouping looks at every name in it. */
function readOf(root: Node, next: Node | undefined): Read {
  const isWhole = 'stages' in root || 'predicate' in root || next?.['type'] !== 'name'
  return { root: String(root['value']), name: isWhole ? null : String(next['value']) }
}

/** `$lookup(fields, "cmdb_ci.name")`, the way to a name with a dot; null = the node is something else. */
function lookupOf(node: Node): Read | null {
  if (node['type'] !== 'function' || !isNode(node['procedure'])) return null
  const [where, key] = nodesOf(node['arguments'])
  const [root, next] = nodesOf(where?.['steps'])
  const isPlain = root?.['type'] === 'name' && !('stages' in root) && next === undefined
  if (node['procedure']['value'] !== 'lookup' || key?.['type'] !== 'string' || !isPlain) return null
  return { root: String(root['value']), name: String(key['value']) }
}

/** Everything below a node. */
function visitParts(node: Node, atRoot: boolean, reads: Read[]): void {
  for (const [key, part] of Object.entries(node)) {
    if (typeof part === 'object') visit(part, atRoot && sameInput.has(key), reads)
  }
}

/** `$$` is the facts everywhere, `$` only where the input is the facts. */
function isFacts(node: Node, atRoot: boolean): boolean {
  if (node['type'] !== 'variable') return false
  return node['value'] === '$' || (atRoot && node['value'] === '')
}

function isWildcard(node: Node): boolean {
  return node['type'] === 'wildcard' || node['type'] === 'descendant'
}

function nodesOf(value: unknown): Node[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

function isNode(node: unknown): node is Node {
  return typeof node === 'object' && node !== null && !Array.isArray(node)
}
