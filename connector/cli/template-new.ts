// `template new`: a job template to start from, with the parameters of a platform's job.
import { writeFileSync } from 'node:fs'

import { stringify } from 'yaml'

import type { JobDescription } from '../platforms/driver.ts'
import { describeJobs } from './platforms-jobs.ts'

/**
 * Writes the template to a new file, or prints it. Its rule fits nothing until somebody writes one. Throws
 * config_invalid, when the platform has no such job, and when the file exists.
 */
export async function newTemplate(
  options: { from: string; table: string; out?: string },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const slash = options.from.indexOf('/')
  const platform = options.from.slice(0, slash)
  const job = options.from.slice(slash + 1)
  if (slash < 1 || job === '') throw new Error('--from must be <platform>/<job>')
  const jobs = await describeJobs(platform, null, env)
  const found = jobs.find((one) => one.job === job) ?? jobs.find((one) => one.title === job)
  if (found === undefined) {
    throw new Error(
      `${platform} has no job ${job}; npm run connector -- platforms jobs ${platform}`,
    )
  }
  const text = templateText(found, { platform, table: options.table })
  if (options.out === undefined) console.log(text)
  else writeFileSync(options.out, text, { flag: 'wx' })
}

/** The template as YAML, with what is left to do as comments. */
export function templateText(
  found: JobDescription,
  { platform, table }: { platform: string; table: string },
): string {
  const template = {
    name: nameOf(found.title),
    title: found.title.slice(0, 100),
    description: found.description === '' ? found.title : found.description.slice(0, 2000),
    platform,
    job: found.job,
    match: [{ table, when: 'active=true^short_descriptionLIKEchange me', trigger: ['manual'] }],
    ...(found.parameters.length === 0 ? {} : { parameters: found.parameters.map(parameterOf) }),
    ...namesOf(found),
    outcome: { failed: { transition: 'in_progress' } },
  }
  return [
    '# yaml-language-server: $schema=job-template.schema.json',
    '# Left to do: the rule in match (copy the query of a list), and where values come from (from: fields.…).',
    stringify(template, { lineWidth: 100 }),
  ].join('\n')
}

function nameOf(title: string): string {
  const name = title
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 60)
  return name.length < 2 ? 'new-template' : name
}

/** Names of parameters are lower case here; what the platform calls them stands beside. */
function namesOf({ parameters }: JobDescription): { names?: Record<string, string> } {
  const other = parameters.filter(({ name }) => ownName(name) !== name)
  if (other.length === 0) return {}
  return { names: Object.fromEntries(other.map(({ name }) => [ownName(name), name])) }
}

function ownName(name: string): string {
  const own = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 60)
  return /^[a-z]/.test(own) ? own : `p_${own}`
}

function parameterOf(parameter: JobDescription['parameters'][number]): object {
  const { name, type, label, required, choices } = parameter
  const isChoice = type === 'choice' && choices.length > 0
  return {
    name: ownName(name),
    type: type === 'choice' && !isChoice ? 'string' : type,
    label: (label === '' ? name : label).slice(0, 100),
    ...(required ? { required: true } : {}),
    // A secret never stands in a file.
    ...(parameter.default === null || type === 'secret' ? {} : { default: parameter.default }),
    ...(isChoice ? { choices: choices.map((value) => ({ value, label: value })) } : {}),
  }
}
