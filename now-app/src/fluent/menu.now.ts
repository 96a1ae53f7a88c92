// The application menu.
import '@servicenow/sdk/global'
import { ApplicationMenu, Record } from '@servicenow/sdk/core'

import { adminRole, agentRole, auditorRole } from './roles.now.ts'

const menu = ApplicationMenu({
  $id: Now.ID['menu'],
  title: 'Ticket Automation',
  hint: 'Tickets that run jobs',
  description: 'Runs, job templates and the connection to the connector',
  roles: [agentRole, auditorRole, adminRole],
  active: true,
  order: 350,
})

Record({
  $id: Now.ID['menu-runs'],
  table: 'sys_app_module',
  data: {
    title: 'Runs',
    application: menu,
    link_type: 'LIST',
    name: 'x_snc_ticket_auto_run',
    hint: 'Every run and what became of it',
    roles: ['x_snc_ticket_auto.agent', 'x_snc_ticket_auto.auditor'],
    active: true,
    order: 100,
  },
})

Record({
  $id: Now.ID['menu-templates'],
  table: 'sys_app_module',
  data: {
    title: 'Job templates',
    application: menu,
    link_type: 'LIST',
    name: 'x_snc_ticket_auto_job_template',
    hint: 'What the connector has published',
    roles: ['x_snc_ticket_auto.agent', 'x_snc_ticket_auto.auditor'],
    active: true,
    order: 200,
  },
})

Record({
  $id: Now.ID['menu-outbox'],
  table: 'sys_app_module',
  data: {
    title: 'Outbox',
    application: menu,
    link_type: 'LIST',
    name: 'x_snc_ticket_auto_outbox',
    hint: 'Messages to the connector',
    roles: ['x_snc_ticket_auto.auditor', 'x_snc_ticket_auto.admin'],
    active: true,
    order: 300,
  },
})

Record({
  $id: Now.ID['menu-dead-letters'],
  table: 'sys_app_module',
  data: {
    title: 'Dead letters',
    application: menu,
    link_type: 'LIST',
    name: 'x_snc_ticket_auto_outbox',
    filter: 'state=dead',
    hint: 'Messages that were given up, with the reason',
    roles: ['x_snc_ticket_auto.auditor', 'x_snc_ticket_auto.admin'],
    active: true,
    order: 400,
  },
})

Record({
  $id: Now.ID['menu-connection'],
  table: 'sys_app_module',
  data: {
    title: 'Connection',
    application: menu,
    link_type: 'LIST',
    name: 'x_snc_ticket_auto_connection',
    hint: 'Where the connector is and the key both sign with',
    roles: ['x_snc_ticket_auto.admin'],
    active: true,
    order: 500,
  },
})

Record({
  $id: Now.ID['menu-settings'],
  table: 'sys_app_module',
  data: {
    title: 'Settings',
    application: menu,
    link_type: 'LIST',
    name: 'sys_properties',
    filter: 'nameSTARTSWITHx_snc_ticket_auto.',
    hint: 'Switches, limits and state values',
    roles: ['x_snc_ticket_auto.admin'],
    active: true,
    order: 600,
  },
})
