// Sample people of the local instance: users, groups, roles. All passwords are 'demo'.

/** A sample user. */
export interface SampleUser {
  userName: string
  name: string
  roles: readonly string[]
  groups?: readonly string[]
  title?: string
  webServiceOnly?: boolean
  vip?: boolean
}

const scope = 'x_snc_ticket_auto'

/** Password of every sample user; this is a development instance. */
export const samplePassword = 'demo'

/** Groups of the sample data. */
export const sampleGroups: readonly string[] = ['Service Desk', 'Unix Admins', 'Network']

/** Users of the sample data. Roles that no installed app defines are left out at start. */
export const sampleUsers: readonly SampleUser[] = [
  { userName: 'admin', name: 'System Administrator', roles: ['admin', `${scope}.admin`] },
  {
    userName: 'abel.agent',
    name: 'Abel Agent',
    roles: ['itil', `${scope}.agent`],
    groups: ['Service Desk', 'Unix Admins'],
    title: 'Service desk agent',
  },
  { userName: 'ada.admin', name: 'Ada Admin', roles: ['itil', `${scope}.admin`] },
  { userName: 'otto.auditor', name: 'Otto Auditor', roles: [`${scope}.auditor`] },
  { userName: 'ivy.itil', name: 'Ivy Itil', roles: ['itil'], groups: ['Service Desk'] },
  {
    userName: 'carla.caller',
    name: 'Carla Caller',
    roles: [`${scope}.requester`],
    title: 'Accountant',
  },
  { userName: 'victor.vip', name: 'Victor Vip', roles: [], title: 'Managing director', vip: true },
  {
    userName: 'ticket.automation',
    name: 'Ticket Automation',
    roles: ['itil', 'snc_internal', `${scope}.integration`],
    webServiceOnly: true,
  },
]

/** Base roles and the roles they contain. */
export const baseRoles: Readonly<Record<string, readonly string[]>> = {
  admin: [],
  itil: ['sn_incident_write', 'sn_change_write', 'sn_request_write'],
  itil_admin: ['itil'],
  sn_incident_write: ['sn_incident_read'],
  sn_incident_read: [],
  sn_change_write: [],
  sn_request_write: [],
  catalog_admin: [],
  snc_internal: [],
  snc_external: [],
  web_service_admin: [],
  rest_service: [],
  approver_user: [],
}
