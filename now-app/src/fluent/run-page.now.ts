// The page behind "Run automation": src/client/run, bundled by the SDK.
import '@servicenow/sdk/global'
import { Acl, UiPage } from '@servicenow/sdk/core'

import runPage from '../client/run/index.html'
import { agentRole } from './roles.now.ts'

UiPage({
  $id: Now.ID['run-page'],
  endpoint: 'x_snc_ticket_auto_start.do',
  description: 'Which automations fit a ticket, and the progress of a run',
  category: 'general',
  html: runPage,
  direct: true,
})

Acl({
  $id: Now.ID['acl-run-page'],
  type: 'ui_page',
  name: 'x_snc_ticket_auto_start',
  operation: 'read',
  roles: [agentRole],
  active: true,
  description: 'Agents may open the run page.',
})
