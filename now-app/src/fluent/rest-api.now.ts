// The app's REST routes, /api/x_snc_ticket_auto/v1/automation/…: status updates from the connector, and what the
// run page needs. The path is the platform's documented form, /api/<scope>/<version>/<API id>/<route>.
import '@servicenow/sdk/global'
import { Acl, RestApi } from '@servicenow/sdk/core'

import { getPreview } from '../server/preview.ts'
import { getRun, postCancel, postRun } from '../server/runs.ts'
import { postStatusUpdate } from '../server/status-updates.ts'
import { postTemplateSync } from '../server/templates.ts'
import { adminRole, agentRole, integrationRole } from './roles.now.ts'

const statusAcl = Acl({
  $id: Now.ID['acl-rest-status'],
  type: 'rest_endpoint',
  name: 'x_snc_ticket_auto status updates',
  operation: 'execute',
  roles: [integrationRole],
  active: true,
  adminOverrides: false,
  description: 'Only the integration user delivers status updates.',
})

const agentAcl = Acl({
  $id: Now.ID['acl-rest-agent'],
  type: 'rest_endpoint',
  name: 'x_snc_ticket_auto run page',
  operation: 'execute',
  roles: [agentRole],
  active: true,
  description: 'Agents preview, start, watch and cancel runs.',
})

const adminAcl = Acl({
  $id: Now.ID['acl-rest-admin'],
  type: 'rest_endpoint',
  name: 'x_snc_ticket_auto administration',
  operation: 'execute',
  roles: [adminRole],
  active: true,
  description: 'Admins of the app sync job templates.',
})

RestApi({
  $id: Now.ID['rest-api'],
  name: 'Ticket Automation',
  serviceId: 'automation',
  shortDescription: 'Status updates from the connector, and the run page of agents',
  active: true,
  consumes: 'application/json',
  produces: 'application/json',
  enforceAcl: [adminAcl],
  versions: [
    {
      $id: Now.ID['rest-api-v1'],
      version: 1,
      isDefault: true,
      shortDescription: 'First version of the contract',
    },
  ],
  routes: [
    {
      $id: Now.ID['route-status-updates'],
      name: 'Status update',
      shortDescription: 'Takes one signed status update of a run from the connector',
      method: 'POST',
      version: 1,
      path: '/status-updates',
      authentication: true,
      authorization: true,
      // The integration user may be an external one; role and signature are what count.
      internalRole: false,
      enforceAcl: [statusAcl],
      headers: [
        {
          $id: Now.ID['header-signature'],
          name: 'x-ticket-automation-signature',
          required: true,
          shortDescription: 'JWT over the hash of the body',
        },
      ],
      script: postStatusUpdate,
    },
    {
      $id: Now.ID['route-template-sync'],
      name: 'Sync job templates',
      shortDescription: "Reads the connector's published job templates now",
      method: 'POST',
      version: 1,
      path: '/templates/sync',
      authentication: true,
      authorization: true,
      enforceAcl: [adminAcl],
      script: postTemplateSync,
    },
    {
      $id: Now.ID['route-preview'],
      name: 'Preview',
      shortDescription: 'Which automations fit this ticket for the signed-in person, and why',
      method: 'GET',
      version: 1,
      path: '/tickets/{table}/{sys_id}/preview',
      authentication: true,
      authorization: true,
      enforceAcl: [agentAcl],
      script: getPreview,
    },
    {
      $id: Now.ID['route-run-create'],
      name: 'Start run',
      shortDescription: 'Requests a run of a job template for this ticket',
      method: 'POST',
      version: 1,
      path: '/tickets/{table}/{sys_id}/runs',
      authentication: true,
      authorization: true,
      enforceAcl: [agentAcl],
      script: postRun,
    },
    {
      $id: Now.ID['route-run'],
      name: 'Run',
      shortDescription: 'State, progress and output of a run',
      method: 'GET',
      version: 1,
      path: '/runs/{run_id}',
      authentication: true,
      authorization: true,
      enforceAcl: [agentAcl],
      script: getRun,
    },
    {
      $id: Now.ID['route-run-cancel'],
      name: 'Cancel run',
      shortDescription: 'Asks the connector to cancel a run',
      method: 'POST',
      version: 1,
      path: '/runs/{run_id}/cancel',
      authentication: true,
      authorization: true,
      enforceAcl: [agentAcl],
      script: postCancel,
    },
  ],
})
