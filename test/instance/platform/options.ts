// Options of the local instance: what a test or the demonstration may turn (servicenow-runtime.md §9).
import type { SampleUser } from './base-people.ts'

/** Options of createPlatform; everything has a default. */
export interface PlatformOptions {
  /** Folder of the built app (now-app/dist/app), or null for a bare base system. */
  appDir?: string | null
  /** `virtual` stands still until advance(). Default real. */
  clock?: 'real' | 'virtual'
  /** More users than the samples; all with the password 'demo'. */
  users?: readonly SampleUser[]
  /** System properties to set or add, by name. */
  properties?: Readonly<Record<string, string>>
  /** Seed of the random order of `asyncOrder: 'shuffled'`. Default 1. */
  seed?: number
  /** Public address of the instance (glide.servlet.uri). Default http://127.0.0.1:4320. */
  instanceUrl?: string
  /** False leaves out the sample incidents. Default true. */
  samples?: boolean
  /** glide.invalid_query.returns_no_rows. Default false, as on the platform. */
  invalidQueryReturnsNoRows?: boolean
  /** `strict` refuses scripted before/after rules of a scoped app on foreign tables at load. Default strict. */
  crossScopeRules?: 'strict' | 'lenient'
  /** `enforcing` refuses cross-scope access without a declared privilege, `tracking` only logs it. Default enforcing. */
  runtimeAccess?: 'enforcing' | 'tracking'
  /** Order in which async rules and events run. Default fifo; the platform promises none. */
  asyncOrder?: 'fifo' | 'shuffled'
  /** Delay before an async job runs, in milliseconds of the instance's clock. Default 0. */
  asyncDelayMs?: number
  /** Incident resolution codes of newer or older releases. Default new. */
  closeCodes?: 'new' | 'old'
}

/** Options with every default filled in. */
export type Settings = Required<PlatformOptions>

/** Fills in the defaults. */
export function settingsOf(options: PlatformOptions): Settings {
  const defaults: Settings = {
    appDir: null,
    clock: 'real',
    users: [],
    properties: {},
    seed: 1,
    instanceUrl: 'http://127.0.0.1:4320',
    samples: true,
    invalidQueryReturnsNoRows: false,
    crossScopeRules: 'strict',
    runtimeAccess: 'enforcing',
    asyncOrder: 'fifo',
    asyncDelayMs: 0,
    closeCodes: 'new',
  }
  return { ...defaults, ...options }
}

/** System properties of a fresh instance. */
export function baseProperties(settings: Settings): Record<string, string> {
  return {
    'glide.servlet.uri': settings.instanceUrl.endsWith('/')
      ? settings.instanceUrl
      : `${settings.instanceUrl}/`,
    instance_name: 'local',
    'glide.product.name': 'Local development instance - not ServiceNow',
    'glide.invalid_query.returns_no_rows': String(settings.invalidQueryReturnsNoRows),
    'glide.http.connection_timeout': '10000',
    'glide.http.timeout': '175000',
    'glide.oauth.inbound.client.credential.grant_type.enabled': 'true',
    ...settings.properties,
  }
}
