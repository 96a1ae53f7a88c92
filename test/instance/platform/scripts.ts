// Runs the app's scripts: one pair of JavaScript worlds per scope, each run as a session, with `current` and
// whatever else its kind of script sees.
import type { Session, StoredRecord } from '../types.ts'
import { ajaxPrelude } from './ajax-prelude.ts'
import { scopeOf } from './app-install.ts'
import type { Core } from './core.ts'
import { loadRow, newCursor } from './glide/cursor.ts'
import type { Cursor } from './glide/cursor.ts'
import { recordOf } from './glide/glide-record.ts'
import type { Execution, GlideHost } from './glide/host.ts'
import { createNamespaces } from './glide/namespaces.ts'
import { createScriptRequire } from './module-loader.ts'
import { createRealm } from './realm.ts'
import { messageOf } from './script-error.ts'

/** A script to run. */
export interface ScriptRun {
  /** Row that holds the script: its scope and its name in the log. */
  owner: StoredRecord
  source: string
  session: Session
  /** Names the script sees besides the Glide API. */
  globals?: (host: GlideHost) => Readonly<Record<string, unknown>>
  /** Messages of the run are collected here. */
  messages?: Execution['messages']
}

/** Scripts of one instance. */
export interface Scripts {
  /** Runs; the value of the last expression comes back. Throws what the script throws. */
  run(run: ScriptRun): unknown
  /** True when the condition's expression is true; a condition that throws is false and logged. */
  holds(run: ScriptRun): boolean
  /** A record as scripts see it. */
  record(host: GlideHost, table: string, row: StoredRecord | null): object
  /** Drops a scope's loaded modules, after an app was installed anew. */
  forget(): void
}

/** Scripts over an instance's parts. */
export function createScripts(core: Core): Scripts {
  const hosts = new Map<string, GlideHost>()
  const running: Execution[] = []

  function hostOf(scope: string): GlideHost {
    const known = hosts.get(scope)
    if (known) return known
    const host: GlideHost = {
      core,
      scope,
      realm: createRealm(scope),
      execution: () => current(running),
    }
    equip(host)
    hosts.set(scope, host)
    return host
  }

  function run({ owner, source, session, globals, messages = [] }: ScriptRun): unknown {
    const host = hostOf(scopeOf(core, owner))
    running.push({ session, messages })
    try {
      return host.realm.script(source, owner['name'] || 'script', globals?.(host) ?? {})
    } finally {
      running.pop()
    }
  }

  return {
    run,
    holds(condition) {
      try {
        return Boolean(run(condition))
      } catch (error) {
        logFailure(core, condition.owner, error)
        return false
      }
    },
    record: (host, table, row) => recordOf(host, cursorAt(table, row)),
    forget: () => hosts.clear(),
  }
}

function current(running: readonly Execution[]): Execution {
  const execution = running.at(-1)
  if (!execution) throw new Error('no script is running')
  return execution
}

function equip(host: GlideHost): void {
  const { core, scope, realm } = host
  const namespaces = createNamespaces(host)
  const require = createScriptRequire({
    scope,
    realm,
    modules: () => [...core.store.rows('sys_module')].filter((row) => scopeOf(core, row) === scope),
    glide: (namespace) => namespaces.imports(namespace),
  })
  realm.expose({ ...namespaces.globals, require })
  realm.script(ajaxPrelude, 'prelude', {})
}

/** A cursor that stands on a row (or on nothing). */
export function cursorAt(table: string, row: StoredRecord | null): Cursor {
  const cursor = newCursor(table)
  if (row) loadRow(cursor, row)
  return cursor
}

/** One line in the system log for a script that threw. */
export function logFailure(core: Core, owner: StoredRecord, error: unknown): void {
  core.log.add('error', owner['name'] || owner['sys_name'] || 'script', messageOf(error))
}
