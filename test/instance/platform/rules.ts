// Business rules: which ones apply to an operation, in which order, and what they do (servicenow-runtime.md §3).
// Rules run as the user who caused the operation and ignore ACLs.
import type { StoredRecord } from '../types.ts'
import type { Core } from './core.ts'
import { recordOf } from './glide/glide-record.ts'
import type { GlideHost } from './glide/host.ts'
import { cursorAt, logFailure } from './scripts.ts'
import { storedValue } from './values.ts'
import type { RuleEngine, Work } from './work.ts'

const halfway = 1000 // order that separates the rules before and after the engines

/** Rules over an instance's parts. */
export function createRules(core: Core): RuleEngine {
  // Rule and record of every rule that is running, to stop a rule from setting itself off.
  const running = new Set<string>()
  return {
    before: (work, half) => runHalf(core, running, { work, when: 'before', half }),
    after: (work, half) => runHalf(core, running, { work, when: 'after', half }),
    async: (work) =>
      rulesFor(core, work, (when) => when.startsWith('async'))
        .filter((rule) => applies(core, rule, work))
        .map((rule) => () => startAsync(core, rule, work)),
  }
}

interface Half {
  work: Work
  when: 'before' | 'after'
  half: 'early' | 'late'
}

function runHalf(core: Core, running: Set<string>, { work, when, half }: Half): void {
  for (const rule of rulesFor(core, work, (one) => one === when)) {
    if (orderOf(rule) < halfway !== (half === 'early')) continue
    if (applies(core, rule, work)) runGuarded(core, running, { rule, work, when })
  }
}

function rulesFor(core: Core, work: Work, when: (when: string) => boolean): StoredRecord[] {
  const tables = core.dictionary.ancestry(work.table)
  return [...core.store.rows('sys_script')]
    .filter(
      (rule) =>
        rule['active'] === 'true' &&
        rule[`action_${work.operation}`] === 'true' &&
        tables.includes(rule['collection'] ?? '') &&
        when(rule['when'] ?? ''),
    )
    .toSorted((a, b) => orderOf(a) - orderOf(b))
}

function orderOf(rule: StoredRecord): number {
  return Number(rule['order'] || '100')
}

/** Filter condition and condition script and role conditions. On insert everything counts as changed from empty. */
function applies(core: Core, rule: StoredRecord, work: Work): boolean {
  const roles = (rule['role_conditions'] ?? '').split(',').filter((one) => one !== '')
  const names = roles.map((one) => core.store.find('sys_user_role', one)?.['name'] ?? one)
  if (names.length > 0 && !names.some((name) => work.session.roles.has(name))) return false
  const query = rule['filter_condition'] ?? ''
  const { table, current: record, session } = work
  if (query !== '' && !filterHolds()) return false
  const source = (rule['condition'] ?? '').trim()
  if (source === '') return true
  return core.scripts.holds({
    owner: rule,
    source,
    session,
    globals: ruleGlobals(rule, work, null),
  })

  function filterHolds(): boolean {
    try {
      const previous = work.previous ?? {}
      return core.records.matches({ table, query, record, previous }, session)
    } catch (error) {
      logFailure(core, rule, error)
      return false
    }
  }
}

function ruleGlobals(
  rule: StoredRecord,
  work: Work,
  when: 'before' | 'after' | null,
): (host: GlideHost) => Readonly<Record<string, unknown>> {
  return (host) => {
    const cursor = cursorAt(work.table, {})
    // Not copies: what a before rule sets goes into the record that is being written.
    cursor.record = work.current
    cursor.original = work.previous ?? {}
    cursor.operation = work.operation
    cursor.isNew = work.operation === 'insert' && when === 'before'
    const name = `${rule['name']}^${rule['sys_id']}`
    cursor.rule = { work, name, canAbort: when === 'before' }
    const previous = work.previous ? recordOf(host, cursorAt(work.table, work.previous)) : null
    return { current: recordOf(host, cursor), previous, g_scratchpad: {} }
  }
}

function runGuarded(
  core: Core,
  running: Set<string>,
  { rule, work, when }: { rule: StoredRecord; work: Work; when: 'before' | 'after' },
): void {
  const key = `${rule['sys_id']}:${work.current['sys_id']}`
  if (running.has(key)) {
    core.log.add('warn', rule['name'] ?? '', 'recursive call stopped')
    return
  }
  running.add(key)
  try {
    setValues(core, rule, work)
    if (rule['abort_action'] === 'true' && when === 'before') {
      work.abortedBy = `${rule['name']}^${rule['sys_id']}`
    }
    const source = rule['script'] ?? ''
    if (rule['advanced'] !== 'true' || source.trim() === '') return
    core.scripts.run({
      owner: rule,
      source,
      session: work.session,
      globals: ruleGlobals(rule, work, when),
    })
  } catch (error) {
    // A rule that throws is logged; the operation goes on, as on the platform.
    logFailure(core, rule, error)
  } finally {
    running.delete(key)
  }
}

/** "Set field values" of a rule without script: an encoded list of field=value. */
function setValues(core: Core, rule: StoredRecord, work: Work): void {
  const template = rule['template'] ?? ''
  if (template === '' || rule['when'] !== 'before') return
  for (const part of template.split('^')) {
    const at = part.indexOf('=')
    const column = core.dictionary.table(work.table)?.columns.get(part.slice(0, at))
    if (at < 1 || !column) continue
    work.current[column.name] = storedValue(core, work.table, [column, part.slice(at + 1)])
  }
}

/** The job of an async rule: `current` as it is when the job runs, no `previous`. */
function startAsync(core: Core, rule: StoredRecord, work: Work): void {
  const { table, operation, session } = work
  const sysId = work.current['sys_id'] ?? ''
  const source = rule['script'] ?? ''
  core.jobs.add({
    source: rule['name'] ?? '',
    run() {
      // A deleted record is all that is left of it.
      const row = operation === 'delete' ? work.current : core.store.find(table, sysId)
      if (!row) return
      core.scripts.run({
        owner: rule,
        source,
        session: { ...session, interactive: false },
        globals(host) {
          const cursor = cursorAt(table, row)
          cursor.operation = operation
          return { current: recordOf(host, cursor), previous: null, g_scratchpad: {} }
        },
      })
    },
    failed: (error) => logFailure(core, rule, error),
  })
}
