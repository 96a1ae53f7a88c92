// What a run works on: the names that no two runs may work on at once, and that limits count. Pure.
import type { ParameterValue } from '#shared/job-steps.ts'
import type { JobTemplate } from '#shared/job-template.ts'
import type { Ticket } from '#shared/ticket-event.ts'

/**
 * The targets of a run, in lower case, each once, in the order given: the list in the parameter the template
 * names, or the ticket's configuration item. A change always works on its item; another ticket does only when
 * its template speaks of targets or limits. Empty = nothing is locked and nothing counted.
 */
export function targetsOf(
  template: JobTemplate,
  ticket: Ticket,
  values: Readonly<Record<string, ParameterValue>>,
): string[] {
  const parameter = template.targets?.parameter
  if (parameter !== undefined) return listOf(String(values[parameter] ?? ''))
  const wanted =
    ticket.table === 'change_request' ||
    template.targets !== undefined ||
    template.limits !== undefined
  return wanted ? itemOf(ticket) : []
}

function listOf(text: string): string[] {
  const names = text.split(/[\s,;]+/).map((name) => name.trim().toLowerCase())
  return [...new Set(names.filter((name) => name !== ''))]
}

/** The item's name when the event carries it, else its sys_id. */
function itemOf({ fields }: Ticket): string[] {
  const item = fields['cmdb_ci']
  if (item === undefined || item.value === '') return []
  const name = fields['cmdb_ci.name']?.value ?? item.display ?? item.value
  return [(name === '' ? item.value : name).trim().toLowerCase()]
}
