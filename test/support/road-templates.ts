// Two templates for tests of the road: one that a person starts, one that a rule starts.
const template = {
  name: 'free-disk-space',
  title: 'Free disk space',
  description: 'Deletes old files.',
  platform: 'memory',
  job: 'free',
  match: [{ table: 'incident', when: 'short_descriptionLIKEdisk', trigger: ['manual'] }],
  parameters: [
    { name: 'path', type: 'string', label: 'Path', from: 'fields.short_description' },
    { name: 'token', type: 'secret', label: 'Token' },
  ],
  outcome: { succeeded: { transition: 'resolved', note: '"Freed on " & parameters.path' } },
}

const automatic = {
  ...template,
  name: 'collect-logs',
  title: 'Collect logs',
  parameters: [],
  match: [
    { table: 'incident', when: 'short_descriptionLIKEcrash', trigger: ['created', 'updated'] },
  ],
}

/** Template files: name -> content. */
export const roadTemplates = { 'free-disk-space': template, 'collect-logs': automatic }
