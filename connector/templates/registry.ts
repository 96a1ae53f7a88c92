// The published templates of this connector: what the folder holds now, each with its version number, and
// any earlier version a run was planned with. A failed reload changes nothing and is tried again.
import { isDeepStrictEqual } from 'node:util'

import { z } from 'zod'

import { JobTemplate } from '#shared/job-template.ts'
import type { PublishedTemplate, TemplateList } from '#shared/job-template.ts'

import { appendAudit } from '../db/audit.ts'
import { asDatabaseError } from '../db/pool.ts'
import type { Pool } from '../db/pool.ts'
import { publishTemplates, selectTemplateContent } from '../db/templates.ts'
import { ConnectorError, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { parseQuery } from '../matching/parse-query.ts'
import { connectorOrigin } from '../origin.ts'
import { loadTemplateFolder } from './load.ts'
import type { LoadedTemplate, TemplateFileProblem } from './parse.ts'
import { createReloader } from './reloader.ts'
import { watchFolder } from './watch.ts'

/** A template version as the road uses it. */
export interface PublishedVersion {
  template: JobTemplate
  version: number
  digest: string
  /** Why it cannot run at all (unknown platform, no usable rule), or null. */
  problem: string | null
}

/** The published templates. */
export interface TemplateRegistry {
  /** What may be run now, in the order of names. */
  current(): readonly PublishedVersion[]
  find(name: string): PublishedVersion | null
  /** Any version ever published, also by another connector; null = there is none. */
  version(name: string, version: number): Promise<PublishedVersion | null>
  /** Files that are not used, with the reason. */
  problems(): readonly TemplateFileProblem[]
  /** Reply of GET /v1/templates. */
  list(): TemplateList
  /** Reads the folder again; a call during a reload waits for one that begins after it. */
  reload(): Promise<void>
  /** Calls back after the set or its problems changed; returns the function that ends it. */
  onChange(listener: () => void): () => void
  close(): void
}

/** What a registry needs. */
export interface RegistryOptions {
  dir: string
  pool: Pool
  log: Log
  /** Names of the configured platforms. */
  platforms: ReadonlySet<string>
  /** How often the folder is looked at when the watch says nothing, in milliseconds. */
  rescanMs?: number
}

/** Earlier versions kept in memory; the oldest goes first. */
const versionCacheSize = 500

interface State {
  current: readonly PublishedVersion[]
  problems: readonly TemplateFileProblem[]
}

/**
 * Loads the folder and keeps it loaded.
 * Throws ConnectorError `template_invalid` when the folder cannot be read, `database_unavailable` when
 * the versions cannot be stored.
 */
export async function createTemplateRegistry(options: RegistryOptions): Promise<TemplateRegistry> {
  const { dir, log } = options
  const state: State = { current: [], problems: [] }
  const listeners = new Set<() => void>()
  const versions = createVersionCache(options)

  async function load(): Promise<void> {
    const next = await readState(options)
    if (isDeepStrictEqual(next, state)) return
    await auditWithdrawn(options.pool, state, next)
    logChange(log, state, next)
    Object.assign(state, next)
    for (const listener of listeners) callListener(listener, log)
  }

  const reloader = createReloader(load, log)
  try {
    await reloader.reload()
  } catch (error) {
    // Nobody holds the registry yet, so nothing may go on trying for it.
    reloader.close()
    throw error
  }
  const watch = watchFolder(dir, {
    onChange: reloader.reloadSoon,
    ...(options.rescanMs === undefined ? {} : { rescanMs: options.rescanMs }),
  })
  return {
    current: () => state.current,
    find: (name) => state.current.find(({ template }) => template.name === name) ?? null,
    async version(name, version) {
      const now = state.current.find((entry) => entry.template.name === name)
      return now?.version === version ? now : versions(name, version)
    },
    problems: () => state.problems,
    list: () => ({ templates: state.current.map(listEntry) }),
    reload: reloader.reload,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      watch.close()
      reloader.close()
    },
  }
}

async function readState({ dir, pool, platforms }: RegistryOptions): Promise<State> {
  const { templates, problems } = await loadTemplateFolder(dir)
  const published = await publishTemplates(
    pool,
    templates.map(({ template, digest }) => ({ name: template.name, digest, content: template })),
  )
  const current = templates.map((loaded) => {
    const version = published.find(({ name }) => name === loaded.template.name)?.version
    return publishedVersion(loaded, { version, platforms })
  })
  current.sort((a, b) => (a.template.name < b.template.name ? -1 : 1))
  return { current, problems }
}

/** A template as it runs, with the reason why it cannot. `version` undefined is an error of the caller. */
export function publishedVersion(
  { template, digest }: Pick<LoadedTemplate, 'template' | 'digest'>,
  { version, platforms }: { version: number | undefined; platforms: ReadonlySet<string> },
): PublishedVersion {
  if (version === undefined) {
    // The statement returns a row for every content it was given.
    throw new ConnectorError('internal_error', `template ${template.name} got no version`)
  }
  const problem = platformProblem(template, platforms) ?? rulesProblem(template)
  return { template, version, digest, problem }
}

/** Every job's platform must be there: a plan that stops in its middle for want of one has done half its work. */
function platformProblem(template: JobTemplate, platforms: ReadonlySet<string>): string | null {
  const { pre_checks: before, steps, post_checks: after } = template
  const named = [...before, ...steps, ...after].flatMap(({ platform, rollback }) => [
    platform,
    rollback?.platform,
  ])
  const missing = [template.platform, ...named].find(
    (platform) => platform !== undefined && !platforms.has(platform),
  )
  if (missing === undefined) return null
  const known = platforms.size === 0 ? 'there is none' : `known: ${[...platforms].join(', ')}`
  return `The platform "${missing}" is not in connector.yaml (${known}).`
}

/** A broken rule disables itself alone; a template without a usable rule can never fit. */
function rulesProblem(template: JobTemplate): string | null {
  const broken = brokenRules(template)
  const [first] = broken
  if (first === undefined || broken.length < template.match.length) return null
  return `No match rule of this template can be used: ${first.reason}.`
}

function brokenRules({ match }: JobTemplate): { rule: number; reason: string }[] {
  return match.flatMap(({ when }, index) => {
    const parsed = parseQuery(when)
    return parsed.ok ? [] : [{ rule: index + 1, reason: `${parsed.code}: ${parsed.reason}` }]
  })
}

type VersionLookup = (name: string, version: number) => Promise<PublishedVersion | null>

function createVersionCache({ pool, platforms }: RegistryOptions): VersionLookup {
  const cache = new Map<string, PublishedVersion>()
  return async (name, version) => {
    const key = `${name} ${version}`
    const known = cache.get(key)
    if (known !== undefined) return known
    const stored = await selectStored(pool, name, version)
    if (stored === null) return null
    const template = parseStored(stored.content, key)
    const found = publishedVersion({ template, digest: stored.digest }, { version, platforms })
    const oldest = cache.keys().next()
    if (cache.size >= versionCacheSize && !oldest.done) cache.delete(oldest.value)
    cache.set(key, found)
    return found
  }
}

async function selectStored(
  pool: Pool,
  name: string,
  version: number,
): ReturnType<typeof selectTemplateContent> {
  try {
    return await selectTemplateContent(pool, name, version)
  } catch (error) {
    throw asDatabaseError(error)
  }
}

/** Stored content was valid when it was published; an older connector may not know a newer one's keys. */
/** What ending a run needs of its template. */
const StoredTemplate = z.object({
  name: z.string(),
  title: z.string(),
  parameters: z.array(z.object({ name: z.string(), type: z.string() })),
  outcome: z.object({ succeeded: z.object({}), failed: z.object({}), cancelled: z.object({}) }),
})

function parseStored(content: unknown, key: string): JobTemplate {
  const parsed = JobTemplate.safeParse(content)
  if (parsed.success) return parsed.data
  // Valid for the version of the connector that stored it, and runs planned with it must come to their end.
  const known = StoredTemplate.safeParse(content)
  if (known.success) return content as JobTemplate
  throw new ConnectorError(
    'template_invalid',
    `stored template version ${key} was written by another version of the connector`,
    { cause: parsed.error },
  )
}

function callListener(listener: () => void, log: Log): void {
  try {
    listener()
  } catch (error) {
    log.error({ reason: messageOf(error) }, 'listener for template changes failed')
  }
}

function logChange(log: Log, before: State, after: State): void {
  const versions = new Map(before.current.map((entry) => [entry.template.name, entry.version]))
  for (const { template, version, problem } of after.current) {
    if (versions.get(template.name) !== version) {
      log.info({ template: template.name, version, problem }, 'template published')
      for (const broken of brokenRules(template)) {
        log.error({ template: template.name, version, ...broken }, 'match rule disabled')
      }
    }
    versions.delete(template.name)
  }
  for (const [template, version] of versions) {
    log.warn({ template, version }, 'template no longer published')
  }
  for (const problem of after.problems) log.error({ ...problem }, 'template file not used')
}

/** Publishing is noted where the version is stored; taking a file away changes no version. */
async function auditWithdrawn(pool: Pool, before: State, after: State): Promise<void> {
  const names = new Set(after.current.map(({ template }) => template.name))
  const gone = before.current.filter(({ template }) => !names.has(template.name))
  await appendAudit(
    pool,
    gone.map(({ template, version }) => ({
      actor: 'connector',
      origin: connectorOrigin(),
      action: 'template.withdrawn',
      subject: `template/${template.name}`,
      detail: { version },
    })),
  )
}

function listEntry({ template, version, digest, problem }: PublishedVersion): PublishedTemplate {
  const { name, title, description, platform, priority, match, parameters } = template
  return {
    name,
    version,
    digest,
    title,
    description,
    ...(template.version_note === undefined ? {} : { version_note: template.version_note }),
    platform,
    priority,
    tables: [...new Set(match.map(({ table }) => table))],
    match,
    parameters,
    ...(problem === null ? {} : { problem }),
  }
}
