// What a person reads once the demonstration is up: where it is, and what to click as whom.
import { join } from 'node:path'

import { patchFarm } from './change.ts'
import { sharedFolder } from './order.ts'
import type { Demo } from './start-demo.ts'
import { templatesDir } from './start-demo.ts'

/** The text. `folder` is how the demonstration's folder is named to the person. */
export function guide(demo: Demo, folder: string): string {
  const { stack, server, tickets, change } = demo
  const [first, ...others] = tickets
  const instance = stack.instance.url
  const connector = stack.connector().url
  const rest = others.map(
    ({ number, incident }) =>
      `     ${number}  ${incident.fields['short_description']}\n                 ${incident.expect}`,
  )
  return `
  Local instance   ${instance}   (a stand-in for development, not ServiceNow)
  Connector        ${connector}/readyz   ${connector}/metrics

  An incident
  1. Open ${instance} and pick "Abel Agent". No password is asked.
  2. Open ${first?.number} "${first?.incident.fields['short_description']}":
     ${first?.url}
  3. Click "Run automation". See which automations fit, and why the others do not.
  4. Choose "Free disk space", look at the prefilled values, click "Run now" and watch.
  5. Go back to the ticket: the work notes tell what happened, and it is Resolved.

  A change
  1. Open ${change?.number} "${patchFarm}": it is approved, and its window is now.
     ${change?.url}
  2. "Run automation", "Patch the web farm", "Start run". See the plan: a check, one server, three
     servers, a check. With patch level 2026-12 the last check fails and all of it is rolled back.
  3. Back on the change: Review, a close code, and the evidence of every step in the work note.

  An order
  1. "Switch user" to Carla Caller, "Service catalog", "${sharedFolder}": name it team-sales.
  2. The order closes by itself. Order one called "Team Sales!": it stays open, and a comment
     says why.

  More incidents
${rest.join('\n')}

  As somebody else
     Ivy Itil has no agent role: there is no button. Ada Admin looks after the app: menu
     "Ticket Automation" (runs, job templates, outbox, connection).

  Behind it
     Files the jobs work on   ${join(folder, 'server')}
     The service web-shop     ${server.serviceUrl}   (hangs until it is restarted)
     Job templates            ${templatesDir}   (change one: it is read again)
     Log of the connector     ${join(folder, 'connector.log')}

  Ctrl-C stops everything.
`
}
