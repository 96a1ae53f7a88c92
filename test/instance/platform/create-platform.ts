// The platform core of the local instance: puts its parts together, fills in the base data, installs the
// built app and offers it all through the Platform port (test/instance/types.ts).
import type { Platform, StoredRecord } from '../types.ts'
import { readApp } from './app-files.ts'
import { installApp } from './app-install.ts'
import { createSeed, sampleIncidents, seedPeople, seedSystem, seedUserRoles } from './base-data.ts'
import { seedItems } from './base-items.ts'
import { insertSampleChanges } from './base-samples.ts'
import { businessTables } from './base-tables.ts'
import { catalogTables } from './catalog-tables.ts'
import { answersOf, catalogItems, placeOrder } from './catalog.ts'
import { createClock, toStored } from './clock.ts'
import type { Core } from './core.ts'
import { property } from './core.ts'
import { createDataAccess } from './data-access.ts'
import { createDictionary, fromSpec } from './dictionary.ts'
import { createFields } from './fields.ts'
import { createJobs } from './jobs.ts'
import { baseProperties, settingsOf } from './options.ts'
import type { PlatformOptions, Settings } from './options.ts'
import { createPeople } from './people.ts'
import { createRecords } from './records.ts'
import { createRights } from './rights.ts'
import { createRules } from './rules.ts'
import { scheduleJobs } from './schedule.ts'
import { answerRest } from './scripted-rest.ts'
import { createScripts, logFailure } from './scripts.ts'
import { createStore } from './store.ts'
import type { Store } from './store.ts'
import { createSystemLog } from './system-log.ts'
import { systemTables } from './system-tables.ts'
import { formActions, runFormAction } from './ui-actions.ts'
import { appMenu, runAjax, uiAsset, uiPage } from './ui-pages.ts'
import { createWriter } from './writer.ts'

/**
 * A local instance with base data and, when `appDir` is given, the built app installed in it.
 * Throws when the app cannot be read or holds what the platform would refuse (crossScopeRules).
 */
export async function createPlatform(options: PlatformOptions = {}): Promise<Platform> {
  const settings = settingsOf(options)
  const core = createCore(settings)
  const seed = createSeed(core.store, toStored(core.clock.now()))
  seedSystem(seed, core.dictionary, { ...settings, properties: baseProperties(settings) })
  seedPeople(seed, settings.users)
  seedItems(seed)
  // Before the app comes: its rules must not fire for tickets that were always there.
  if (settings.samples) insertSamples(core)
  if (settings.appDir !== null) {
    installApp(core, await readApp(settings.appDir))
    scheduleJobs(core)
  }
  seedUserRoles(seed, settings.users, {
    store: core.store,
    roleId: (name) => core.people.roleId(name),
  })
  overrideProperties(core, settings.properties)
  return platformOf(core)
}

function createCore(settings: Settings): Core {
  const clock = createClock(settings.clock)
  const log = createSystemLog(() => toStored(clock.now()))
  // The parts know each other through this object; each is complete before anything uses it.
  const core = { settings, clock, log } as Core
  core.dictionary = createDictionary((table, element) => choicesOf(core.store, table, element))
  for (const spec of [...businessTables, ...systemTables, ...catalogTables]) {
    core.dictionary.declare(fromSpec(spec))
  }
  core.store = createStore(core.dictionary)
  core.fields = createFields(core.dictionary, core.store)
  core.records = createRecords({
    ...core,
    invalidQueryReturnsNoRows: () =>
      property(core, 'glide.invalid_query.returns_no_rows') === 'true',
  })
  core.people = createPeople(core.store)
  core.rights = createRights({ ...core, script: (...asked) => aclScript(core, ...asked) })
  core.rules = createRules(core)
  core.writer = createWriter(core)
  core.jobs = createJobs(clock, log, {
    order: settings.asyncOrder,
    delayMs: settings.asyncDelayMs,
    seed: settings.seed,
  })
  core.scripts = createScripts(core)
  return core
}

function choicesOf(
  store: Store,
  table: string,
  element: string,
): { value: string; label: string }[] {
  const rows: StoredRecord[] = []
  for (const row of store.rows('sys_choice')) {
    if (row['name'] === table && row['element'] === element && row['inactive'] !== 'true')
      rows.push(row)
  }
  return rows
    .toSorted((a, b) => Number(a['sequence']) - Number(b['sequence']))
    .map((row) => ({ value: row['value'] ?? '', label: row['label'] ?? '' }))
}

/** An advanced ACL passes when its script leaves `answer` true, or evaluates to true. */
function aclScript(
  core: Core,
  ...[session, acl, record]: Parameters<Parameters<typeof createRights>[0]['script']>
): boolean {
  const source = acl['script'] ?? ''
  const table = (acl['name'] ?? '').split('.')[0] ?? ''
  try {
    return (
      core.scripts.run({
        owner: acl,
        source: `${source}\n;answer`,
        session,
        globals: (host) => ({
          answer: false,
          current: core.scripts.record(host, table, record ?? null),
        }),
      }) === true
    )
  } catch (error) {
    logFailure(core, acl, error)
    return false
  }
}

function insertSamples(core: Core): void {
  const session = core.people.byName('abel.agent', false) ?? core.people.system()
  for (const values of sampleIncidents()) {
    core.writer.insert(session, { table: 'incident', values }, { acl: false })
  }
  insertSampleChanges(core, session)
}

/** Properties of the options win over those of the app. */
function overrideProperties({ store }: Core, properties: Readonly<Record<string, string>>): void {
  for (const row of store.rows('sys_properties')) {
    const value = properties[row['name'] ?? '']
    if (value !== undefined) store.put('sys_properties', { ...row, value })
  }
}

function platformOf(core: Core): Platform {
  return {
    ...createDataAccess(core),
    catalog: () => catalogItems(core),
    order: (session, order) => placeOrder(core, session, order),
    answers: (item) => answersOf(core, item),
    formActions: (session, table, sysId) => formActions(core, session, [table, sysId]),
    runAction: (session, ...[action, table, sysId, values]) =>
      runFormAction(core, session, { action, table, sysId, values }),
    rest: (session, request) => Promise.resolve(answerRest(core, session, request)),
    page: (session, endpoint) => uiPage(core, session, endpoint),
    asset: (path) => uiAsset(core, path),
    ajax: (session, parameters) => runAjax(core, session, parameters),
    menu: (session) => appMenu(core, session),
    now: () => core.clock.now(),
    advance: (milliseconds) => core.jobs.advance(milliseconds),
    settle: () => core.jobs.settle(),
    log: () => core.log.lines(),
    close: () => core.jobs.close(),
  }
}
