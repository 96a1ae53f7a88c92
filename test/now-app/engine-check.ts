// Finds syntax and names the platform's JavaScript engine does not have (SDK documentation,
// javascript-compatibility-guide): the SDK's own linter lets several of them pass.
import { parseAst } from 'vitest/node'

/** Built-ins that cannot be subclassed there. */
const notSubclassable = ['Array', 'RegExp', 'Function', 'Promise', 'Error', 'Map', 'Set']

/** Names that do not exist there, or are refused. */
const missingNames = [
  'Reflect',
  'Proxy',
  'WeakRef',
  'FinalizationRegistry',
  'SharedArrayBuffer',
  'Atomics',
  'globalThis',
  'console',
  'process',
  'Buffer',
  'URL',
  'URLSearchParams',
  'TextEncoder',
  'TextDecoder',
  'fetch',
  'crypto',
  'atob',
  'btoa',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'structuredClone',
  'eval',
]

/** A node of the syntax tree (ESTree). */
interface SyntaxNode {
  type: string
  [key: string]: unknown
}

/** Where a node stands: its parent and the parent's member that holds it. */
interface Place {
  parent: SyntaxNode | null
  key: string
}

/** What is wrong with a script or module, one line each; empty = it can run there. */
export function findUnsupported(code: string): string[] {
  const problems: string[] = []
  walk(parseAst(code) as unknown as SyntaxNode, (node, place) => {
    const problem = problemOf(node, place)
    if (problem) problems.push(problem)
  })
  return problems
}

/** Every static import: the module and the names taken from it. */
export function importsOf(code: string): { from: string; names: string[] }[] {
  return bodyOf(code)
    .filter((node) => node.type === 'ImportDeclaration')
    .map((node) => ({
      from: String(member(node, 'source')?.['value']),
      names: list(node, 'specifiers').map((specifier) => nameOf(member(specifier, 'imported'))),
    }))
}

/** Names a module exports. */
export function exportsOf(code: string): string[] {
  return bodyOf(code).flatMap((node) => {
    if (node.type !== 'ExportNamedDeclaration') return []
    const declaration = member(node, 'declaration')
    if (!declaration) {
      return list(node, 'specifiers').map((specifier) => nameOf(member(specifier, 'exported')))
    }
    const declarators = list(declaration, 'declarations')
    if (declarators.length === 0) return [nameOf(member(declaration, 'id'))]
    return declarators.map((declarator) => nameOf(member(declarator, 'id')))
  })
}

/** Every string literal that is the first argument of `new <callee>(…)` or `<callee>(…)`. */
export function literalArguments(code: string, callees: readonly string[]): string[] {
  const found: string[] = []
  walk(parseAst(code) as unknown as SyntaxNode, (node) => {
    if (node.type !== 'NewExpression' && node.type !== 'CallExpression') return
    const [first] = list(node, 'arguments')
    const isCallee = callees.includes(nameOf(member(node, 'callee')))
    if (isCallee && typeof first?.['value'] === 'string') found.push(first['value'])
  })
  return found
}

function problemOf(node: SyntaxNode, place: Place): string | null {
  switch (node.type) {
    case 'PrivateIdentifier':
      return `private member #${String(node['name'])}`
    case 'MethodDefinition':
      return member(node, 'value')?.['async'] === true ? 'async class method' : null
    case 'FunctionDeclaration':
    case 'FunctionExpression':
      return node['async'] === true && node['generator'] === true ? 'async generator' : null
    case 'ClassDeclaration':
    case 'ClassExpression':
      return subclassProblem(nameOf(member(node, 'superClass')))
    case 'ImportExpression':
      return 'dynamic import'
    case 'MetaProperty':
      return 'new.target or import.meta'
    case 'ForOfStatement':
      return node['await'] === true ? 'for await' : null
    case 'NewExpression':
      return nameOf(member(node, 'callee')) === 'Function' ? 'new Function' : null
    case 'Literal':
      return regexProblem(node)
    case 'Identifier':
      return isReference(place) && missingNames.includes(nameOf(node))
        ? `name ${nameOf(node)}`
        : null
    default:
      return null
  }
}

function subclassProblem(name: string): string | null {
  return notSubclassable.includes(name) ? `subclass of ${name}` : null
}

function regexProblem(node: SyntaxNode): string | null {
  const flags = String((node['regex'] as { flags?: string } | undefined)?.flags ?? '')
  return /[dv]/.test(flags) ? `regular expression flag in ${flags}` : null
}

/** False for a name that is only a property, a key or a label. */
function isReference({ parent, key }: Place): boolean {
  if (!parent) return true
  const computed = parent['computed'] === true
  if (parent.type === 'MemberExpression' && key === 'property') return computed
  if (key === 'key') return computed || parent['shorthand'] === true
  return true
}

function walk(root: SyntaxNode, look: (node: SyntaxNode, place: Place) => void): void {
  const waiting: { node: SyntaxNode; place: Place }[] = [
    { node: root, place: { parent: null, key: '' } },
  ]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, place } = next
    look(node, place)
    for (const [key, child] of childrenOf(node))
      waiting.push({ node: child, place: { parent: node, key } })
  }
}

function childrenOf(node: SyntaxNode): [string, SyntaxNode][] {
  return Object.entries(node).flatMap(([key, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter(isNode)
      .map((child): [string, SyntaxNode] => [key, child]),
  )
}

function isNode(value: unknown): value is SyntaxNode {
  return (
    typeof value === 'object' && value !== null && typeof Reflect.get(value, 'type') === 'string'
  )
}

function bodyOf(code: string): SyntaxNode[] {
  return list(parseAst(code) as unknown as SyntaxNode, 'body')
}

function member(node: SyntaxNode, key: string): SyntaxNode | null {
  const value = node[key]
  return isNode(value) ? value : null
}

function list(node: SyntaxNode, key: string): SyntaxNode[] {
  const value = node[key]
  return Array.isArray(value) ? value.filter(isNode) : []
}

function nameOf(node: SyntaxNode | null): string {
  const name = node?.['name']
  return typeof name === 'string' ? name : ''
}
