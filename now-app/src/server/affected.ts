// What a ticket affects beyond its own configuration item: the related lists "Affected CIs" (task_ci) and
// "Impacted Services/CIs" (task_cmdb_ci_service).
import { gs, GlideRecord } from '@servicenow/glide'

import type { Affected } from '../../../shared/ticket-event.ts'
import { carriable } from './text.ts'

/** The contract's limit for either list. */
const maxNames = 500

/** The longest name the contract takes. */
const maxName = 255

/** Where a list is, and which of its fields names what is affected. */
interface Related {
  table: string
  field: string
}

/** Null when this instance does not have the lists or does not let the app read them. */
export function buildAffected(ticket: GlideRecord): Affected | null {
  try {
    const cis = namesOf(ticket, { table: 'task_ci', field: 'ci_item' })
    const services = namesOf(ticket, { table: 'task_cmdb_ci_service', field: 'cmdb_ci_service' })
    if (cis === null || services === null) return null
    const complete = cis.length <= maxNames && services.length <= maxNames
    return { cis: cis.slice(0, maxNames), services: services.slice(0, maxNames), complete }
  } catch (error) {
    // A privilege that an admin took away must not keep the event back: what it affects stays unknown.
    gs.warn('Ticket Automation: affected CIs not read: {0}', String(error))
    return null
  }
}

/** Names, one more than the contract takes when there are more. */
function namesOf(ticket: GlideRecord, { table, field }: Related): string[] | null {
  const links = new GlideRecord(table)
  if (!links.isValid()) return null
  const own = ticket.getValue('cmdb_ci') || ''
  links.addQuery('task', ticket.getUniqueValue())
  links.addNotNullQuery(field)
  // One for the ticket's own item, which is listed too, and one to see that there are more.
  links.setLimit(maxNames + 2)
  links.query()
  const names: string[] = []
  while (links.next()) {
    const name = carriable((links.getDisplayValue(field) || '').slice(0, maxName))
    if (links.getValue(field) !== own && name !== '' && !names.includes(name)) names.push(name)
  }
  return names
}
