// Resolves `require` of the built app: sys_modules by exact path, never by guessing an extension
// (servicenow-sdk.md §0.2a), packages by the version their package.json names, Glide by its import names.
import { dirname, posix } from 'node:path'

import type { StoredRecord } from '../types.ts'
import type { Realm } from './realm.ts'
import { toCommonJs } from './transform.ts'

/** What a loader needs of the scope. */
export interface LoaderSources {
  scope: string
  realm: Realm
  /** Rows of sys_module of this scope. */
  modules(): Iterable<StoredRecord>
  /** Exports of `@servicenow/glide` ('') or of `@servicenow/glide/<namespace>`; null when there is no such thing. */
  glide(namespace: string): object | null
}

/** `require` of plain scripts. */
export type ScriptRequire = (specifier: string) => unknown

interface Loaded {
  exports: object
}

interface Loader extends LoaderSources {
  cache: Map<string, Loaded>
}

/** The `require` that generated glue scripts call. */
export function createScriptRequire(sources: LoaderSources): ScriptRequire {
  const loader: Loader = { ...sources, cache: new Map() }
  return (specifier) => {
    const path = specifier.startsWith('./') ? posix.join(packageRoot(loader), specifier) : specifier
    return load(loader, path).exports
  }
}

function contentOf(loader: Loader, path: string): string | null {
  for (const row of loader.modules()) {
    if (row['path'] === path) return row['content'] ?? ''
  }
  return null
}

function load(loader: Loader, path: string): Loaded {
  const known = loader.cache.get(path)
  if (known) return known
  const source = contentOf(loader, path)
  if (source === null) throw loader.realm.error(`Cannot find module '${path}'`)
  const loaded: Loaded = { exports: {} }
  // In the cache before it runs: modules may import each other.
  loader.cache.set(path, loaded)
  if (path.endsWith('.json')) {
    loaded.exports = loader.realm.data(JSON.parse(source)) as object // JSON modules are objects
    return loaded
  }
  try {
    const run = loader.realm.module(toCommonJs(source, path), path)
    run(loaded.exports, (specifier) => resolve(loader, specifier, path), loaded)
  } catch (error) {
    loader.cache.delete(path)
    throw error
  }
  return loaded
}

function resolve(loader: Loader, specifier: string, from: string): unknown {
  if (specifier === '@servicenow/glide' || specifier.startsWith('@servicenow/glide/')) {
    const found = loader.glide(specifier.slice('@servicenow/glide/'.length))
    if (!found) throw loader.realm.error(`Cannot find module '${specifier}'`)
    return found
  }
  if (specifier.startsWith('.')) return load(loader, posix.join(dirname(from), specifier)).exports
  return load(loader, packageEntry(loader, specifier)).exports
}

/** `<scope>/<package>/<version>` of the app, from the sys_module that is its own package.json. */
function packageRoot(loader: Loader): string {
  for (const row of loader.modules()) {
    const match = /^([^/]+\/(?:@[^/]+\/)?[^/]+\/[^/]+)\/package\.json$/.exec(row['path'] ?? '')
    if (match?.[1] && row['external_source'] !== 'true') return match[1]
  }
  throw loader.realm.error(`scope ${loader.scope} has no package`)
}

/** Path of a third-party package's entry: `<scope>/<name>/<version>/<main or sub-path>`. */
function packageEntry(loader: Loader, specifier: string): string {
  const [name, subPath] = splitPackage(specifier)
  const own = JSON.parse(contentOf(loader, `${packageRoot(loader)}/package.json`) ?? '{}') as {
    dependencies?: Record<string, string>
  } // a package.json
  const version = own.dependencies?.[name]
  if (version === undefined) throw loader.realm.error(`Cannot find module '${specifier}'`)
  const root = `${loader.scope}/${name}/${version}`
  const manifest = JSON.parse(contentOf(loader, `${root}/package.json`) ?? '{}') as {
    main?: string
  } // a package.json
  const file = subPath ?? manifest.main ?? 'index.js'
  const candidates = [posix.join(root, file), posix.join(root, 'index.js')]
  return candidates.find((path) => contentOf(loader, path) !== null) ?? posix.join(root, file)
}

function splitPackage(specifier: string): [string, string | undefined] {
  const parts = specifier.split('/')
  const length = specifier.startsWith('@') ? 2 : 1
  const rest = parts.slice(length).join('/')
  return [parts.slice(0, length).join('/'), rest === '' ? undefined : rest]
}
