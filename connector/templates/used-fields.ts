// The parts of a ticket that a template's decision rests on, and which of them differ between two pictures of
// the ticket. A change of anything else is nobody's business.
import type { JobTemplate, Trigger } from '#shared/job-template.ts'
import type { Ticket, TicketField } from '#shared/ticket-event.ts'

import { serviceField, standardField } from '../environment.ts'
import { fieldsOf, parseQuery } from '../matching/parse-query.ts'
import type { Read } from './expression-reads.ts'
import { expressionReads } from './expressions.ts'

/** What is used of a ticket. */
export interface UsedFields {
  /** Fields whose stored value counts. */
  fields: ReadonlySet<string>
  /** Fields of an event that are no columns of the ticket, so that its record cannot show them. */
  derived: ReadonlySet<string>
  /** Fields whose shown value counts. */
  displays: ReadonlySet<string>
  variables: ReadonlySet<string>
  /** An expression looks at whatever fields there are. */
  allFields: boolean
  allVariables: boolean
  /** Affected CIs and services. */
  affected: boolean
}

/** For what a template is used. */
interface Use {
  table: string
  trigger: Trigger
  /** The rules that matched (the run's receipt, or the template's own `match`). */
  rules: readonly { when: string }[]
}

/** The parts of the ticket that this use of the template rests on. */
export function usedFields(template: JobTemplate, use: Use): UsedFields {
  const reads = template.parameters.flatMap(({ from }) =>
    from === undefined ? [] : expressionReads(from),
  )
  const everything = reads.some(({ root }) => root === null)
  return {
    fields: new Set([
      ...use.rules.flatMap(({ when }) => queryFields(when)),
      ...namesOf(reads, 'fields'),
      ...namesOf(reads, 'people').flatMap((name) => personFields[name] ?? []),
      ...conditionFields(template, use),
    ]),
    derived: new Set(environmentFields(template).filter(isDerived)),
    displays: new Set(namesOf(reads, 'display')),
    variables: new Set(namesOf(reads, 'variables')),
    allFields: everything || isWhole(reads, 'fields') || isWhole(reads, 'display'),
    allVariables: everything || isWhole(reads, 'variables'),
    affected: template.blast_radius?.source === 'event',
  }
}

/** Names of the used fields and variables in which the two differ, sorted; `affected` for the lists of those. */
export function changedFields(used: UsedFields, before: Ticket, after: Ticket): string[] {
  const fields = used.allFields
    ? allNames(before.fields, after.fields)
    : [...used.fields, ...used.derived]
  const variables = used.allVariables
    ? allNames(before.variables, after.variables)
    : [...used.variables]
  const differing = [
    ...fields.filter((name) => valueOf(before.fields, name) !== valueOf(after.fields, name)),
    ...[...used.displays].filter(
      (name) => shownOf(before.fields, name) !== shownOf(after.fields, name),
    ),
    ...variables.filter(
      (name) => valueOf(before.variables, name) !== valueOf(after.variables, name),
    ),
    ...(used.affected && affectedOf(before) !== affectedOf(after) ? ['affected'] : []),
  ]
  return [...new Set(differing)].toSorted()
}

/** Fields from which an event's `people` come (now-app/src/server/ticket.ts). */
const personFields: Readonly<Record<string, readonly string[]>> = {
  requested_by: [
    'caller_id',
    'requested_by',
    'requested_for',
    'request.requested_for',
    'opened_by',
  ],
  assigned_to: ['assigned_to'],
}

/** Fields a change, a request or any ticket is checked by, whatever its template says. */
const tableFields: Readonly<Record<string, readonly string[]>> = {
  change_request: ['type', 'start_date', 'end_date', 'cmdb_ci'],
  sc_req_item: ['cat_item'],
}

/** What changes with every save, or with the progress of the ticket; only a rule that names it makes it count. */
const bookkeeping =
  /^(sys_|state$|incident_state$|phase|active$|close|closed_|work_|activity_|reassignment_|reopen)/

function conditionFields(template: JobTemplate, { table, trigger }: Use): string[] {
  const { targets, limits, blast_radius: radius, rollout } = template
  const item = radius !== undefined || (targets ?? limits) !== undefined
  const canary = rollout.groups !== undefined && trigger !== 'manual' && trigger !== 'ordered'
  return [
    'approval',
    ...(tableFields[table] ?? []),
    ...environmentFields(template).filter((name) => !isDerived(name)),
    ...(item && targets?.parameter === undefined ? ['cmdb_ci'] : []),
    ...(canary ? ['assignment_group'] : []),
  ]
}

/** Where the environment is read from (environment.ts); without a mapping it still keeps runs out of production. */
function environmentFields({ environment }: JobTemplate): string[] {
  const field = environment?.field ?? standardField
  return field === standardField ? [standardField, serviceField] : [field]
}

/** The use of a service is a column of services alone, which the app looks up beside the ticket. */
function isDerived(name: string): boolean {
  return name === serviceField
}

function queryFields(when: string): string[] {
  const parsed = parseQuery(when)
  return parsed.ok ? parsed.groups.flat(2).flatMap(fieldsOf) : []
}

function namesOf(reads: readonly Read[], root: string): string[] {
  return reads.flatMap((read) => (read.root === root && read.name !== null ? [read.name] : []))
}

function isWhole(reads: readonly Read[], root: string): boolean {
  return reads.some((read) => read.root === root && read.name === null)
}

type Fields = Readonly<Record<string, TicketField>> | undefined

function allNames(before: Fields, after: Fields): string[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...names].filter((name) => !bookkeeping.test(name))
}

/** A field the instance did not send counts as empty. */
function valueOf(fields: Fields, name: string): string {
  return fields?.[name]?.value ?? ''
}

function shownOf(fields: Fields, name: string): string {
  return fields?.[name]?.display ?? valueOf(fields, name)
}

function affectedOf({ affected }: Ticket): string {
  return affected === undefined
    ? ''
    : JSON.stringify([affected.cis.toSorted(), affected.services.toSorted(), affected.complete])
}
