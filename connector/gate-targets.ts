// Targets that somebody listed, looked up in the CMDB: each is a configuration item that is there, in an environment
// where the template may run. The ticket's own item says nothing about them.
import type { Check } from '#shared/decision.ts'
import type { JobTemplate } from '#shared/job-template.ts'
import type { Person, Ticket } from '#shared/ticket-event.ts'

import { fail, pass } from './checks/check.ts'
import { environmentPermission } from './checks/environment-permission.ts'
import type { RunRow } from './db/runs.ts'
import { standardField } from './environment.ts'
import type { ReadRecord, RecordQuery } from './itsm/adapter.ts'
import { withUsedFor } from './itsm/ticket-extras.ts'

/** Names asked for in one request: they have to fit into a URL. */
const maxNames = 100
const maxNamesLength = 4_000

/** Records read for them; ten of one name are nine too many. */
const maxRecords = 1_000

/** Targets that are named; more are counted. */
const shownTargets = 5

/** What would change the query, or be run by the instance as a script. */
const unsafe = /[\^=,\p{Cc}]|^javascript:/iu

const name = 'targets-allowed'

/** Whose targets are looked up. */
interface Looked {
  run: Pick<RunRow, 'targets' | 'parameters' | 'trigger'>
  template: JobTemplate
  /** The ticket and its actor as the event of the run says. */
  ticket: Ticket
  actor: Person
}

type Read = (query: RecordQuery) => Promise<ReadRecord[]>

/** True when the template wants its listed targets looked up. */
export function wantsLookup({ targets }: Pick<JobTemplate, 'targets'>): boolean {
  return targets?.lookup === true && targets.parameter !== undefined
}

/** The check `targets-allowed`. Rejects when the CMDB cannot be read. */
export async function targetsAllowed(about: Looked, read: Read): Promise<Check> {
  const { targets } = about.run
  if (targets.length === 0) {
    return fail(name, {
      detail: 'No target is named, so nobody can look up where the job would run.',
      hint: 'Name the targets, then run the automation again.',
    })
  }
  const wrong = targets.filter((target) => unsafe.test(target))
  if (wrong.length > 0) return notNames(wrong)
  const items = await itemsOf(about, read)
  if (items === null) {
    return fail(name, {
      detail: `The CMDB has ${maxRecords} items or more of these names.`,
      hint: 'Use names that stand for one configuration item each.',
    })
  }
  const known = Map.groupBy(items, ({ number }) => number)
  const unknown = targets.filter((target) => !known.has(target))
  if (unknown.length > 0) {
    return fail(name, {
      detail: `Not in the CMDB, or not to be read there: ${listed(unknown)}.`,
      hint: 'Correct the names, or ask the owner of the CMDB to add them.',
    })
  }
  return environmentsOf(targets, known, about)
}

function notNames(wrong: readonly string[]): Check {
  return fail(name, {
    detail: `No names of configuration items: ${listed(wrong)}.`,
    hint: 'Write the names of the targets as the CMDB has them, separated by commas.',
  })
}

function environmentsOf(
  targets: readonly string[],
  known: ReadonlyMap<string, readonly Ticket[]>,
  about: Looked,
): Check {
  const field = fieldOf(about.template)
  const template = mapped(about.template, field)
  const { actor } = about
  const { trigger } = about.run
  const refused = targets.flatMap((target) =>
    (known.get(target) ?? []).flatMap((ticket) => {
      if (ticket.fields[field] === undefined) {
        const detail = `The connector may not read ${field} of ${target}`
        const hint = `Ask a platform admin to let the integration user read ${columnOf(field)} of cmdb_ci.`
        return [{ target, detail, hint }]
      }
      const { passed, detail, hint } = environmentPermission({ template, ticket, actor, trigger })
      return passed ? [] : [{ target, detail, hint }]
    }),
  )
  const [first] = refused
  if (first === undefined) {
    return pass(name, `Looked up in the CMDB and allowed there: ${listed(targets)}.`)
  }
  const places = [...new Set(refused.map(({ target }) => target))]
  return fail(name, {
    detail: `Not allowed on ${listed(places)}. ${first.target}: ${first.detail}`,
    hint: first.hint ?? 'Take these targets out, then run the automation again.',
  })
}

/** The field of an item that says its environment, as a ticket names it. */
function fieldOf({ environment }: JobTemplate): string {
  const field = environment?.field ?? standardField
  // What another field of the ticket says, no other item can say.
  return field.startsWith('cmdb_ci.') ? field : standardField
}

function columnOf(field: string): string {
  return field.slice('cmdb_ci.'.length)
}

function mapped(template: JobTemplate, field: string): JobTemplate {
  const { environment } = template
  return environment === undefined
    ? template
    : { ...template, environment: { ...environment, field } }
}

/**
 * Each found item as the ticket that would name it, so that its environment is read like that of any ticket; its
 * number is the target. Null = there are more than anybody would read.
 */
async function itemsOf({ run, template, ticket }: Looked, read: Read): Promise<Ticket[] | null> {
  const field = fieldOf(template)
  const type = ticket.fields[field]?.type ?? 'string'
  const found: Ticket[] = []
  for (const names of chunksOf(spellingsOf(run, template))) {
    const records = await read({
      table: 'cmdb_ci',
      query: `nameIN${names.join(',')}^ORDERBYsys_id`,
      fields: ['sys_id', 'name', columnOf(field)],
      limit: maxRecords,
    })
    if (records.length >= maxRecords) return null
    found.push(...records.map((record) => itemOf(record, field, type)))
  }
  return await withUsedFor({ readRecords: read }, found, AbortSignal.any([]))
}

/** As they were typed: names are compared without case by most databases, not by all. */
function spellingsOf(
  { targets, parameters }: Looked['run'],
  { targets: spec }: JobTemplate,
): string[] {
  const typed = String(parameters[spec?.parameter ?? ''] ?? '').split(/[\s,;]+/)
  return [...new Set([...typed.filter((word) => targets.includes(word.toLowerCase())), ...targets])]
}

function itemOf(record: ReadRecord, field: string, type: string): Ticket {
  const cell = record[columnOf(field)]
  const sysId = record['sys_id']?.value ?? ''
  return {
    table: 'cmdb_ci',
    sys_id: sysId,
    number: (record['name']?.value ?? '').trim().toLowerCase(),
    fields: {
      cmdb_ci: { type: 'reference', value: sysId },
      ...(cell === undefined ? {} : { [field]: { type, ...cell } }),
    },
  }
}

function chunksOf(names: readonly string[]): string[][] {
  const chunks: string[][] = []
  let length = 0
  for (const each of names) {
    const last = chunks.at(-1)
    length += each.length + 1
    if (last === undefined || last.length >= maxNames || length > maxNamesLength) {
      chunks.push([each])
      length = each.length + 1
    } else {
      last.push(each)
    }
  }
  return chunks
}

function listed(targets: readonly string[]): string {
  const shown = targets.slice(0, shownTargets).join(', ')
  const more = targets.length - shownTargets
  return more > 0 ? `${shown} and ${more} more` : shown
}
