// Sample job templates: as YAML for files, as objects for everything behind the loader.
import { JobTemplate } from '#shared/job-template.ts'
import type { Parameter } from '#shared/job-template.ts'

import type { TemplateFacts } from '../../connector/templates/parameters.ts'

/** A good template file; line 1 is `name`. */
export const sampleYaml = `name: free-disk-space
title: Free disk space
description: Deletes old files below a folder.
platform: local
job: free-disk-space.sh
match:
  - table: incident
    when: category=disk^active=true
    trigger: [manual, created]
parameters:
  - name: path
    type: string
    label: Folder
    from: fields.u_path
    default: /var/log
    pattern: '/[a-z/]+'
  - name: days
    type: integer
    label: Older than (days)
    default: 7
    min: 1
    max: 365
outcome:
  succeeded:
    transition: resolved
    note: '"Freed " & parameters.path'
`

/** The same with another name. */
export function yamlNamed(name: string): string {
  return sampleYaml.replace('free-disk-space', name)
}

/** A template object with the given parameters; defaults of the schema filled in. */
export function templateWith(parameters: readonly object[], more: object = {}): JobTemplate {
  return JobTemplate.parse({
    name: 'sample',
    title: 'Sample',
    description: 'A sample.',
    platform: 'local',
    job: 'sample.sh',
    match: [{ table: 'incident', when: 'active=true', trigger: ['manual'] }],
    parameters,
    ...more,
  })
}

/** One parameter, named `value` and labelled `Value`, with the schema's defaults filled in. */
export function parameterWith(part: object): Parameter {
  const [parameter] = templateWith([{ name: 'value', label: 'Value', ...part }]).parameters
  if (parameter === undefined) throw new Error('the template lost its parameter')
  return parameter
}

/** Facts of an incident with the given fields. */
export function factsWith(fields: Record<string, string>): TemplateFacts {
  const actor = {
    sys_id: '6816f79cc0a8016401c5a33be04be441',
    user_name: 'beth.anglin',
    roles: ['itil'],
    groups: ['Service Desk'],
  }
  return {
    ticket: { table: 'incident', sys_id: '9d385017c611228701d22104cc95c371', number: 'INC0010001' },
    fields,
    display: fields,
    variables: {},
    actor,
    people: {},
  }
}
