// The JavaScript worlds of one scope: modules see a bare global object, plain scripts see the Glide globals
// as well. What the platform's engine does not have is taken away (servicenow-sdk.md §2, Engine).
import { createContext, runInContext, Script } from 'node:vm'
import type { Context } from 'node:vm'

// Absent on the platform; V8 would offer them.
const absent = [
  'Reflect',
  'WeakRef',
  'FinalizationRegistry',
  'SharedArrayBuffer',
  'Atomics',
  'WebAssembly',
  'console',
]

/** The two worlds of a scope and what host code needs to speak into them. */
export interface Realm {
  /** Runs a plain script with extra globals; the value of its last expression comes back. */
  script(source: string, name: string, globals: Readonly<Record<string, unknown>>): unknown
  /** Makes globals visible to every plain script of the scope. */
  expose(globals: Readonly<Record<string, unknown>>): void
  /** Compiles CommonJS code of a module into its function. */
  module(code: string, name: string): ModuleFunction
  /** An error that is an instance of the modules' own Error, with the platform's getMessage(). */
  error(message: string, kind?: 'Error' | 'TypeError'): Error
  /** Plain data as objects and arrays of the modules' world. */
  data(value: unknown): unknown
}

/** A compiled module. */
export type ModuleFunction = (
  exports: object,
  require: (specifier: string) => unknown,
  module: { exports: object },
) => void

const timeoutMs = 60_000 // the platform's transaction quota for REST; a loop without end must not hang a test

/** Fresh worlds; `name` is the scope. */
export function createRealm(name: string): Realm {
  const modules = bareContext(`${name} modules`)
  const scripts = bareContext(`${name} scripts`)
  const makeError = inContext(modules, errorSource) as (message: string, kind: string) => Error // by construction
  const parse = inContext(modules, 'JSON.parse') as (text: string) => unknown // by construction
  return {
    script: (source, file, globals) => runScript(scripts, { source, file, globals }),
    expose(globals) {
      Object.assign(scripts, globals)
    },
    module(code, file) {
      const wrapped = `(function (exports, require, module) {${code}\n})`
      const compiled = new Script(wrapped, { filename: file })
      return compiled.runInContext(modules) as ModuleFunction // by construction
    },
    error: (message, kind = 'Error') => makeError(message, kind),
    data: (value) => (value === undefined ? undefined : parse(JSON.stringify(value))),
  }
}

const errorSource = `(function (message, kind) {
  const error = kind === 'TypeError' ? new TypeError(message) : new Error(message)
  Object.defineProperty(error, 'getMessage', { value: function () { return message } })
  return error
})`

function bareContext(name: string): Context {
  const context = createContext({}, { name, codeGeneration: { strings: false, wasm: false } })
  for (const one of absent) runInContext(`delete globalThis.${one}`, context)
  return context
}

function inContext(context: Context, source: string): unknown {
  return runInContext(source, context)
}

/**
 * Runs a script in a block of its own, so that its const declarations do not collide with the next script's,
 * while `var` leaks to later scripts of the scope, as on the platform.
 */
function runScript(
  context: Context,
  {
    source,
    file,
    globals,
  }: { source: string; file: string; globals: Readonly<Record<string, unknown>> },
): unknown {
  const before = new Map<string, PropertyDescriptor | undefined>()
  for (const [name, value] of Object.entries(globals)) {
    before.set(name, Object.getOwnPropertyDescriptor(context, name))
    Object.defineProperty(context, name, { value, writable: true, configurable: true })
  }
  try {
    return new Script(`{${source}\n}`, { filename: file }).runInContext(context, {
      timeout: timeoutMs,
    })
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(context, name, descriptor)
      else delete context[name]
    }
  }
}
