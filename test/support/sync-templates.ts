// Templates for tests of two-way sync: all restart a service, and differ in who or what starts them.

/** Runs on one host at a time, so that a second run waits for the first. */
const restart = {
  name: 'restart-service',
  title: 'Restart service',
  description: 'Restarts a service.',
  platform: 'memory',
  job: 'restart',
  names: { token: 'API_TOKEN' },
  match: [{ table: 'incident', when: 'short_descriptionLIKErestart', trigger: ['manual'] }],
  parameters: [
    { name: 'host', type: 'string', label: 'Host', from: 'fields.u_host', editable: false },
    { name: 'service', type: 'string', label: 'Service', from: 'fields.u_service' },
    { name: 'token', type: 'secret', label: 'Token' },
  ],
  targets: { parameter: 'host' },
  on_ticket: { reassigned: 'note' },
}

const automatic = {
  ...restart,
  name: 'restart-by-rule',
  title: 'Restart by rule',
  names: undefined,
  match: [{ table: 'incident', when: 'short_descriptionLIKErule', trigger: ['created'] }],
  parameters: restart.parameters.slice(0, 2),
}

/** Looks at the ticket again before it starts. */
const verified = {
  ...restart,
  name: 'restart-verified',
  title: 'Restart after a look',
  names: undefined,
  match: [{ table: 'incident', when: 'short_descriptionLIKEverified', trigger: ['created'] }],
  parameters: [restart.parameters[1]],
  targets: undefined,
  verify: true,
}

/** Template files: name -> content. */
export const syncTemplates = {
  'restart-service': restart,
  'restart-by-rule': automatic,
  'restart-verified': verified,
}
