// The environment a ticket's work is in (production, test, …), from a field that people do not type into the
// ticket. Pure.
import type { JobTemplate } from '#shared/job-template.ts'
import type { Ticket, TicketField } from '#shared/ticket-event.ts'

/** Where the base system keeps it: on the configuration item, `used_for` on those that are services. */
export const standardField = 'cmdb_ci.environment'
export const serviceField = 'cmdb_ci.used_for'

/** Spellings that mean production where a template's map does not say otherwise. */
const production = new Set(['production', 'prod', 'prd', 'live', '生产', '生产环境'])

/** One of several productions, such as `production-eu` or `prod 2`: a name of its own, but no test either. */
const oneProduction = /^(?:production|prod|prd|live|生产)(?![\p{L}])/u

/** Fields that hold what somebody typed: a ticket must not say by itself where it may run. */
const typedFields = new Set([
  'additional_comments',
  'approval_history',
  'backout_plan',
  'change_plan',
  'close_notes',
  'comments',
  'comments_and_work_notes',
  'correlation_display',
  'correlation_id',
  'description',
  'implementation_plan',
  'justification',
  'reason',
  'risk_impact_analysis',
  'short_description',
  'test_plan',
  'user_input',
  'variables',
  'work_notes',
])
const typedTypes = new Set(['journal', 'journal_input', 'journal_list', 'html'])

/** The environment as far as it is known. */
export type KnownEnvironment =
  /** `name` is lower case; every spelling of production is `production`. `shown` = as the field says it. */
  | { known: true; name: string; shown: string; field: string }
  /** `missing` = the event does not carry the field, `empty` = nothing in it, `free_text` = not to be believed. */
  | { known: false; because: 'missing' | 'empty' | 'free_text'; field: string }

/** The environment of a ticket as the template maps it; without a mapping from its configuration item. */
export function environmentOf(
  template: Pick<JobTemplate, 'environment'>,
  ticket: Ticket,
): KnownEnvironment {
  const field = template.environment?.field ?? standardField
  const own = ticket.fields[field]
  if (typedPart(field) !== null || typedTypes.has(own?.type ?? '')) {
    return { known: false, because: 'free_text', field }
  }
  const shown = wordOf(own)
  if (shown !== '') return known(template, { shown, field })
  const service = field === standardField ? wordOf(ticket.fields[serviceField]) : ''
  if (service !== '') return known(template, { shown: service, field: serviceField })
  return { known: false, because: own === undefined ? 'missing' : 'empty', field }
}

/** An environment's name in the form in which names are compared. */
export function environmentName(text: string): string {
  const name = text.trim().toLowerCase()
  return production.has(name) ? 'production' : name
}

/** True for production, and for what begins like it: nothing runs there unless the template says so. */
export function isProductionLike(name: string): boolean {
  return name === 'production' || oneProduction.test(name)
}

/** The part of a field name (dot-walked or not) that holds what people type, or null. */
export function typedPart(field: string): string | null {
  return field.split('.').find((part) => typedFields.has(part)) ?? null
}

function known(
  { environment }: Pick<JobTemplate, 'environment'>,
  { shown, field }: { shown: string; field: string },
): KnownEnvironment {
  const word = shown.toLowerCase()
  const mapped = Object.entries(environment?.map ?? {}).find(
    ([from]) => from.trim().toLowerCase() === word,
  )
  return { known: true, name: environmentName(mapped?.[1] ?? word), shown, field }
}

/** A reference holds a sys_id; its name is what a map and a person can speak of. */
function wordOf(field: TicketField | undefined): string {
  if (field === undefined) return ''
  const text = field.type === 'reference' ? (field.display ?? field.value) : field.value
  return text.trim()
}
