// Who may do what. Nothing in the app asks for the platform's own admin role.
import '@servicenow/sdk/global'
import { Role } from '@servicenow/sdk/core'

export const agentRole = Role({
  name: 'x_snc_ticket_auto.agent',
  description: 'Sees which automations fit a ticket, starts and cancels them.',
})

export const auditorRole = Role({
  name: 'x_snc_ticket_auto.auditor',
  description: 'Reads runs, decisions, job templates and the outbox; changes nothing.',
})

export const adminRole = Role({
  name: 'x_snc_ticket_auto.admin',
  description: 'Connects the connector, changes settings, retries dead letters.',
  containsRoles: [agentRole, auditorRole],
})

export const requesterRole = Role({
  name: 'x_snc_ticket_auto.requester',
  description: 'Reads the runs that were started in their own name.',
})

export const integrationRole = Role({
  name: 'x_snc_ticket_auto.integration',
  description: 'For the connector alone: may deliver status updates.',
})
