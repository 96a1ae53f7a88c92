// The tickets of the demonstration, as a service desk would write them, each with what to expect of it.

/** One ticket to create. References are display values. */
export interface DemoIncident {
  fields: Record<string, string>
  /** What an agent can do with it, in one line. */
  expect: string
}

const onAppServer = {
  caller_id: 'Carla Caller',
  assignment_group: 'Unix Admins',
  cmdb_ci: 'lnx-app-01',
}

/** The ticket that `--once` plays. */
export const fullDisk: DemoIncident = {
  fields: {
    short_description: 'Disk /var is 97 % full on lnx-app-01',
    description:
      'The monitoring has warned since this morning. Old application logs are not needed any more.',
    category: 'Hardware',
    subcategory: 'Disk',
    impact: '2 - Medium',
    urgency: '1 - High',
    ...onAppServer,
  },
  expect: '"Free disk space" deletes logs older than 7 days and resolves the ticket',
}

/** The other tickets of the interactive demonstration. */
export const moreIncidents: readonly DemoIncident[] = [
  {
    fields: {
      short_description: 'Service web-shop does not answer on lnx-app-01',
      category: 'Software',
      impact: '1 - High',
      urgency: '1 - High',
      ...onAppServer,
    },
    expect: 'critical, so "Collect diagnostics" ran by itself; "Restart a service" really helps',
  },
  {
    fields: {
      short_description: 'Log of web-shop has grown too large',
      category: 'Software',
      impact: '2 - Medium',
      urgency: '2 - Medium',
      ...onAppServer,
    },
    expect: '"Rotate a log file" packs it while the service goes on writing',
  },
  {
    fields: {
      short_description: 'Service payroll does not respond',
      category: 'Software',
      impact: '1 - High',
      urgency: '2 - Medium',
      ...onAppServer,
    },
    expect: 'nobody has set up this service, so the restart fails and the ticket says why',
  },
  {
    fields: {
      short_description: 'VPN drops every ten minutes',
      category: 'Network',
      impact: '3 - Low',
      urgency: '2 - Medium',
      caller_id: 'Victor Vip',
      assignment_group: 'Service Desk',
      cmdb_ci: 'lnx-test-09',
    },
    expect: 'only "Collect diagnostics" fits; the others say why they do not',
  },
]
