// What every emulated Glide API needs: the instance, the calling scope and the running execution.
import type { Session } from '../../types.ts'
import type { Core } from '../core.ts'
import type { Realm } from '../realm.ts'

/** One script run: as whom, and what it wants to tell the user. */
export interface Execution {
  session: Session
  messages: { kind: 'info' | 'error'; text: string }[]
}

/** The surroundings of one scope's scripts. */
export interface GlideHost {
  core: Core
  scope: string
  realm: Realm
  execution: () => Execution
}

/** Text of a script value as Java would take it: null and undefined are empty. */
export function text(value: unknown): string {
  // eslint-disable-next-line typescript/no-base-to-string -- Glide elements have a toString of their own
  return value === null || value === undefined ? '' : String(value)
}

/** Wraps an API object: names of the global-only API throw, so that their use is noticed. */
export function withoutGlobalApi<T extends object>(
  host: GlideHost,
  target: T,
  { name, globalOnly }: { name: string; globalOnly: ReadonlySet<string> },
): T {
  return new Proxy(target, {
    get(object, key, receiver): unknown {
      if (typeof key === 'string' && globalOnly.has(key)) {
        throw host.realm.error(`${name}.${key} is not in the scoped API`, 'TypeError')
      }
      return Reflect.get(object, key, receiver)
    },
  })
}
