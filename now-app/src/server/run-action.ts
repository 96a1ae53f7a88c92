// The UI action "Run automation": opens the run page for the ticket on the form.
import type { GlideRecord } from '@servicenow/glide'

/** What the platform hands to a server UI action. */
interface UiActionHandle {
  /** An address, or the record whose form is shown. */
  setRedirectURL(target: string | GlideRecord): void
}

/**
 * Saves what the form holds and goes to the run page. A server action has the form's values in `current`
 * and keeps them only when it updates it; the automation is to see the ticket as the agent sees it. What
 * the instance does not save (a rule aborts) stays on the form with the instance's own message.
 */
export function openRunPage(current: GlideRecord, action: UiActionHandle): void {
  const table = current.getTableName()
  const sysId = current.getUniqueValue()
  if (!current.update()) {
    action.setRedirectURL(current)
    return
  }
  action.setRedirectURL(`x_snc_ticket_auto_start.do?sysparm_table=${table}&sysparm_sys_id=${sysId}`)
}
