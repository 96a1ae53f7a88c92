// What the schema cannot say about the conditions of a template: keys that would silently do nothing, or that
// would trust what people type into a ticket.
import type { BlastRadius } from '#shared/job-conditions.ts'
import { JobTemplate } from '#shared/job-template.ts'

import { environmentName, typedPart } from '../environment.ts'
import { isForbidden } from '../processes/outcomes.ts'
import type { End, Transition } from '../processes/outcomes.ts'
import { waysOf } from '../processes/ways.ts'
import type { TemplateMistake } from './semantics.ts'

/** All mistakes of the conditions; empty = they can be published. */
export function conditionMistakes(template: JobTemplate): TemplateMistake[] {
  return [
    ...environmentMistakes(template),
    ...limitMistakes(template),
    ...rolloutMistakes(template),
    ...blastMistakes(template.blast_radius),
    ...tableMistakes(template),
    ...outcomeMistakes(template),
  ]
}

function environmentMistakes({ environment }: JobTemplate): TemplateMistake[] {
  if (environment === undefined) return []
  const typed = typedPart(environment.field)
  return [
    ...(typed === null
      ? []
      : [
          {
            path: ['environment', 'field'],
            reason: `${typed} holds what people type into the ticket, so anybody could call production a test`,
            hint: 'Name a field that is kept elsewhere, e.g. cmdb_ci.environment.',
          },
        ]),
    ...sameKeys(Object.keys(environment.map), (key) => key.trim().toLowerCase()).map(
      ({ key, earlier }) => ({
        path: ['environment', 'map', key],
        reason: `"${key}" is the same word as "${earlier}", which stands before it`,
        hint: 'Remove one of the two: case and blanks do not count.',
      }),
    ),
    ...sameKeys(Object.keys(environment.allow ?? {}), environmentName).map(({ key, earlier }) => ({
      path: ['environment', 'allow', key],
      reason: `"${key}" is the same environment as "${earlier}", which stands before it`,
      hint: 'Remove one of the two, so that everybody can see which one counts.',
    })),
  ]
}

/** Keys that mean the same as an earlier one. */
function sameKeys(
  keys: readonly string[],
  meaningOf: (key: string) => string,
): { key: string; earlier: string }[] {
  return keys.flatMap((key, index) => {
    const earlier = keys.slice(0, index).find((other) => meaningOf(other) === meaningOf(key))
    return earlier === undefined ? [] : [{ key, earlier }]
  })
}

function limitMistakes({ limits }: JobTemplate): TemplateMistake[] {
  if (limits?.escalate === undefined) return []
  const path = ['limits', 'escalate']
  if (limits.max_runs === undefined) {
    const reason = 'escalate is for the time when max_runs is reached, and there is no max_runs'
    return [{ path, reason, hint: 'Add limits.max_runs, or remove escalate.' }]
  }
  if (limits.escalate.problem || limits.escalate.assignment_group !== undefined) return []
  const reason = 'escalate names nothing to do'
  return [{ path, reason, hint: 'Add problem: true or an assignment_group, or remove it.' }]
}

function rolloutMistakes({ rollout }: JobTemplate): TemplateMistake[] {
  const given = (['percent', 'groups'] as const).filter((key) => rollout[key] !== undefined)
  if (rollout.mode !== 'canary') {
    return given.map((key) => ({
      path: ['rollout', key],
      reason: `${key} means nothing when the mode is ${rollout.mode}`,
      hint: 'Set mode: canary, or remove it.',
    }))
  }
  if (given.length > 0) return []
  const reason = 'canary needs percent or groups; without them no ticket takes part'
  return [{ path: ['rollout', 'mode'], reason, hint: 'Add percent or groups, or choose shadow.' }]
}

function blastMistakes(blast: BlastRadius | undefined): TemplateMistake[] {
  if (blast === undefined) return []
  const kinds = (['cis', 'services'] as const).filter((kind) => blast[kind] !== undefined)
  if (kinds.length === 0) {
    const reason = 'blast_radius sets no threshold, so it would never stop anything'
    return [{ path: ['blast_radius'], reason, hint: 'Add cis or services with a threshold.' }]
  }
  return kinds.flatMap((kind) => {
    const { approve_above: approve, refuse_above: refuse } = blast[kind] ?? {}
    if (approve === undefined && refuse === undefined) {
      const reason = `${kind} sets no threshold, so it would never stop anything`
      const hint = 'Add approve_above or refuse_above, or remove it.'
      return [{ path: ['blast_radius', kind], reason, hint }]
    }
    if (approve === undefined || refuse === undefined || approve < refuse) return []
    const reason = `what is above ${refuse} is refused, so nothing above approve_above ${approve} can be approved`
    const path = ['blast_radius', kind, 'approve_above']
    return [{ path, reason, hint: 'Make approve_above smaller than refuse_above.' }]
  })
}

/** Keys that matter to tickets of one table alone, on a template without a rule for it. */
function tableMistakes(template: JobTemplate): TemplateMistake[] {
  const tables = new Set(template.match.map(({ table }) => table))
  const { catalog, change, incident_types: types } = template
  const standard = JobTemplate.shape.change.parse(undefined)
  const ownTypes = change.types.toSorted().join() !== standard.types.toSorted().join()
  const ownChange = ownTypes || change.overrun !== standard.overrun
  const bound = [
    { key: 'catalog', table: 'sc_req_item', given: catalog !== undefined },
    { key: 'change', table: 'change_request', given: ownChange },
    { key: 'incident_types', table: 'incident', given: types.length > 0 },
  ]
  return bound
    .filter(({ given, table }) => given && !tables.has(table))
    .map(({ key, table }) => ({
      path: [key],
      reason: `${key} is for tickets of ${table}, but no match rule is for that table`,
      hint: `Add a rule with table: ${table}, or remove it.`,
    }))
}

const ends = ['succeeded', 'failed', 'cancelled', 'rolled_back'] as const

/** A wish that would be ignored when the run ends: who wrote it relies on it until then. */
function outcomeMistakes({ match, outcome }: JobTemplate): TemplateMistake[] {
  const tables = [...new Set(match.map(({ table }) => table))]
  return ends.flatMap((end) => {
    const { transition } = outcome[end]
    const reason = transition === undefined ? null : wayProblem({ end, transition }, tables)
    if (reason === null) return []
    const ways = tables.map((table) => `${table}: ${waysOf(table)[end].join(', ')}`)
    const hint = `Choose one that it may lead to (${ways.join('; ')}), or leave transition out.`
    return [{ path: ['outcome', end, 'transition'], reason, hint }]
  })
}

function wayProblem(
  { end, transition }: { end: End; transition: Transition },
  tables: readonly string[],
): string | null {
  const forbidden = tables.find((table) => isForbidden(end, transition, waysOf(table)))
  if (forbidden !== undefined) {
    return `a run that ended as ${end} never leads a ticket of ${forbidden} to ${transition}`
  }
  if (tables.some((table) => waysOf(table)[end].includes(transition))) return null
  return `${transition} is no state of tickets of ${tables.join(' or ')}`
}
