// The UI action "Run automation": opens the run page for the ticket on the form.
import type { GlideRecord } from '@servicenow/glide'

/** What the platform hands to a server UI action. */
interface UiActionHandle {
  setRedirectURL(url: string): void
}

/** Leaves the record as it is and goes to the run page. */
export function openRunPage(current: GlideRecord, action: UiActionHandle): void {
  const table = current.getTableName()
  const sysId = current.getUniqueValue()
  action.setRedirectURL(`x_snc_ticket_auto_start.do?sysparm_table=${table}&sysparm_sys_id=${sysId}`)
}
