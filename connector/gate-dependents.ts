// How much depends on a ticket's configuration item, counted in the CMDB for the template's thresholds.
import type { Check } from '#shared/decision.ts'
import type { JobTemplate } from '#shared/job-template.ts'
import { SysId } from '#shared/ticket-event.ts'
import type { Ticket } from '#shared/ticket-event.ts'

import { blastOf } from './blast.ts'
import { fail } from './checks/check.ts'
import type { ReadRecord, RecordQuery } from './itsm/adapter.ts'

/** Relations that are read; an item with more has more dependents than anybody counts one by one. */
const maxRelations = 2_000

/** Class of an item as it is seen through a relation. */
const parentClass = 'parent.sys_class_name'

/**
 * The checks `blast-radius` and `blast-approval` for what the CMDB says. In a relation (cmdb_rel_ci) the parent
 * depends on the child, whatever the type of the relation is called. An item that nobody named depends on
 * nothing and proves nothing: then the run is refused. Rejects when the CMDB cannot be read.
 */
export async function dependents(
  about: { ticket: Ticket; template: JobTemplate },
  read: (query: RecordQuery) => Promise<ReadRecord[]>,
): Promise<Check[]> {
  const { ticket } = about
  const item = SysId.safeParse(ticket.fields['cmdb_ci']?.value ?? '')
  if (!item.success) {
    const detail = `${ticket.number} names no configuration item, so nobody can count what depends on it.`
    const hint = 'Set the configuration item of the ticket, then run the automation again.'
    return [fail('blast-radius', { detail, hint })]
  }
  const relations = await read({
    table: 'cmdb_rel_ci',
    query: `child=${item.data}^ORDERBYsys_id`,
    fields: ['parent', parentClass],
    limit: maxRelations,
  })
  const parents = new Map(
    relations.map((relation) => [
      relation['parent']?.value ?? '',
      relation[parentClass]?.value ?? '',
    ]),
  )
  // A relation that has lost its parent.
  parents.delete('')
  const complete = relations.length < maxRelations
  const services = [...parents.values()].filter(isService)
  const counts = {
    cis: { known: parents.size - services.length, complete },
    services: { known: services.length, complete },
  }
  return blastOf(counts, about)
}

/** Classes of services of the base system: cmdb_ci_service and those that extend it, by their names. */
function isService(name: string): boolean {
  return name.startsWith('cmdb_ci_service') || name === 'service_offering'
}
