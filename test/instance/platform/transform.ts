// Turns a server module of the built app (ESM) into CommonJS, and refuses syntax that the platform's engine
// does not have although `now-sdk build` lets it pass (servicenow-sdk.md §0.2c, §2).
import { parseSync, transformSync } from '@swc/core'

const unextendable = ['Array', 'RegExp', 'Function', 'Promise', 'Error', 'TypeError', 'Map', 'Set']
const missingGlobals = [
  'Reflect',
  'WeakRef',
  'FinalizationRegistry',
  'SharedArrayBuffer',
  'Atomics',
]

/** CommonJS code of a module. Throws with the feature's name when the engine would not run it. */
export function toCommonJs(source: string, path: string): string {
  const missing = missingFeatures(source)
  if (missing.length > 0) {
    throw new Error(`${path}: the platform's engine has no ${missing.join(', ')}`)
  }
  return transformSync(source, {
    filename: path,
    swcrc: false,
    configFile: false,
    sourceMaps: false,
    jsc: { parser: { syntax: 'ecmascript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  }).code
}

/** Names of used features that the platform's engine lacks. */
export function missingFeatures(source: string): string[] {
  const found = new Set<string>()
  walk(parseSync(source, { syntax: 'ecmascript', target: 'es2022' }), found)
  return [...found]
}

function walk(node: unknown, found: Set<string>): void {
  if (Array.isArray(node)) {
    for (const one of node) walk(one, found)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const fields = node as Record<string, unknown> // an AST node is a plain object
  const feature = featureOf(fields)
  if (feature !== null) found.add(feature)
  for (const value of Object.values(fields)) walk(value, found)
}

function featureOf(node: Record<string, unknown>): string | null {
  switch (node['type']) {
    case 'PrivateName':
      return 'private instance fields or methods'
    case 'ClassMethod': {
      const body = node['function'] as { async?: boolean } // swc's ClassMethod
      return body.async ? 'async class methods' : null
    }
    case 'ClassDeclaration':
    case 'ClassExpression': {
      const parent = node['superClass'] as { value?: string } | null // swc's class nodes
      return parent?.value !== undefined && unextendable.includes(parent.value)
        ? `subclassing of ${parent.value}`
        : null
    }
    case 'FunctionDeclaration':
    case 'FunctionExpression':
      return node['async'] && node['generator'] ? 'async generators' : null
    case 'NewExpression': {
      const callee = node['callee'] as { value?: string } // swc's NewExpression
      return callee.value === 'Function' ? 'new Function' : null
    }
    case 'MemberExpression': {
      const object = node['object'] as { type?: string; value?: string } // swc's MemberExpression
      return object.type === 'Identifier' && missingGlobals.includes(object.value ?? '')
        ? (object.value ?? null)
        : null
    }
    default:
      return null
  }
}
