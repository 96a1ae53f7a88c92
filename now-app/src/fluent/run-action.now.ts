// The button "Run automation" on the forms of incidents, changes and requested items. A server action with a redirect works in every classic
// form without a client script; the page itself asks again whether this person may.
import '@servicenow/sdk/global'
import { UiAction } from '@servicenow/sdk/core'

import { openRunPage } from '../server/run-action.ts'
import { agentRole } from './roles.now.ts'

/** In a workspace the page stands in a dialog. */
const openInWorkspace = `function onClick(g_form) {
  g_modal.showFrame({
    title: 'Run automation',
    url: '/x_snc_ticket_auto_start.do?sysparm_table=' + g_form.getTableName() + '&sysparm_sys_id=' + g_form.getUniqueValue(),
    size: 'lg',
    height: 640
  })
}`

UiAction({
  $id: Now.ID['run-automation'],
  table: 'incident',
  name: 'Run automation',
  actionName: 'x_snc_ticket_auto_run',
  hint: 'See which automations fit this ticket and run one',
  active: true,
  showUpdate: true,
  showInsert: false,
  // Resolved incidents are still active; closed and cancelled ones are not.
  condition:
    "current.active == true && current.state != gs.getProperty('x_snc_ticket_auto.incident.state.resolved') && current.canWrite()",
  roles: [agentRole],
  form: { showButton: true, style: 'primary' },
  workspace: {
    isConfigurableWorkspace: true,
    showFormButtonV2: true,
    clientScriptV2: openInWorkspace,
  },
  order: 50,
  script: openRunPage,
})

UiAction({
  $id: Now.ID['run-automation-change'],
  table: 'change_request',
  name: 'Run automation',
  actionName: 'x_snc_ticket_auto_run',
  hint: 'See which automations fit this ticket and run one',
  active: true,
  showUpdate: true,
  showInsert: false,
  // What is closed or cancelled is not active any more.
  condition: 'current.active == true && current.canWrite()',
  roles: [agentRole],
  form: { showButton: true, style: 'primary' },
  workspace: {
    isConfigurableWorkspace: true,
    showFormButtonV2: true,
    clientScriptV2: openInWorkspace,
  },
  order: 50,
  script: openRunPage,
})

UiAction({
  $id: Now.ID['run-automation-item'],
  table: 'sc_req_item',
  name: 'Run automation',
  actionName: 'x_snc_ticket_auto_run',
  hint: 'See which automations fit this ticket and run one',
  active: true,
  showUpdate: true,
  showInsert: false,
  // What is closed or cancelled is not active any more.
  condition: 'current.active == true && current.canWrite()',
  roles: [agentRole],
  form: { showButton: true, style: 'primary' },
  workspace: {
    isConfigurableWorkspace: true,
    showFormButtonV2: true,
    clientScriptV2: openInWorkspace,
  },
  order: 50,
  script: openRunPage,
})
