// `rules check`: every job template and every match rule of a folder, with what is wrong, what looks wrong, and
// what to do.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { MatchRule } from '#shared/job-template.ts'
import type { RuleProblem } from '#shared/rule-tools.ts'

import { parseConfigFile } from '../config-file.ts'
import type { ConfigFile } from '../config-file.ts'
import { checkOnPlatforms } from '../rule-tools/check-platforms.ts'
import { checkMatchRules, ruleFields } from '../rule-tools/check-rules.ts'
import type { KnownFields, KnownTables } from '../rule-tools/check-rules.ts'
import { checkSettings } from '../rule-tools/check-settings.ts'
import { findOverlaps } from '../rule-tools/overlaps.ts'
import type { Overlap } from '../rule-tools/overlaps.ts'
import { loadTemplateFolder } from '../templates/load.ts'
import type { LoadedTemplate, TemplateFileProblem } from '../templates/parse.ts'
import { withInstance } from './instance-access.ts'
import { withDrivers } from './platform-access.ts'
import { formatTable, printable } from './table.ts'

/** Options of the command line. */
export interface CheckOptions {
  folder: string
  /** Look the fields up in the dictionary of this instance; true = the only one. */
  instance?: string | true
  /** Ask the job platforms of connector.yaml whether they take job and parameters. */
  platforms?: boolean
  json?: boolean
}

/** One thing to tell, with its place. */
interface Finding {
  file: string
  line: number
  column: number
  /** `match[0].when` */
  path: string
  reason: string
  hint: string
}

interface Rule extends MatchRule {
  template: string
  disabled: boolean
}

const dictionaryLimitMs = 60_000

/**
 * Checks the folder and prints a table of its rules and a list of its problems. True when nothing is wrong;
 * warnings are not wrong. Types of fields are looked up only when an instance is named. Names of platforms and
 * instances are compared with connector.yaml where there is one.
 * Throws ConnectorError `template_invalid` when the folder cannot be read.
 */
export async function checkRules(options: CheckOptions, env: NodeJS.ProcessEnv): Promise<boolean> {
  const { folder } = options
  const { templates, problems } = await loadTemplateFolder(folder)
  const tables = await lookUp(templates, options, env)
  const settings = await readSettings(env)
  const wrong: Finding[] = problems.map((problem) => ofFile(problem, folder))
  const doubtful: Finding[] = []
  const rules: Rule[] = []
  for (const loaded of templates) {
    const { template } = loaded
    const found = checkMatchRules(template, tables)
    const missing = settings === null ? [] : checkSettings(template, settings)
    wrong.push(...[...found.problems, ...missing].map((one) => placed(one, loaded, folder)))
    doubtful.push(...found.warnings.map((one) => placed(one, loaded, folder)))
    for (const [index, rule] of template.match.entries()) {
      const disabled = found.problems.some(({ pointer }) => pointer.startsWith(`/match/${index}/`))
      rules.push({ ...rule, template: template.name, disabled })
    }
  }
  wrong.push(...(await askPlatforms(templates, options, env)))
  doubtful.push(...overlapsOf(templates, folder))
  const result = { templates: templates.length, rules, problems: wrong, warnings: doubtful }
  console.log(options.json === true ? JSON.stringify(result, null, 2) : textOf(result))
  return wrong.length === 0
}

async function lookUp(
  templates: readonly LoadedTemplate[],
  { instance }: CheckOptions,
  env: NodeJS.ProcessEnv,
): Promise<KnownTables> {
  if (instance === undefined) return new Map()
  const rules = templates.flatMap(({ template }) => template.match)
  const name = instance === true ? undefined : instance
  return await withInstance(env, name, async ({ fieldTypes }) => {
    const tables = new Map<string, KnownFields>()
    for (const [table, fields] of ruleFields(rules)) {
      const signal = AbortSignal.timeout(dictionaryLimitMs)
      const { types, unknown, problem } = await fieldTypes.of(table, fields, signal)
      if (problem !== null)
        throw new Error(`the fields of ${table} cannot be looked up: ${problem}`)
      tables.set(table, { types, unknown })
    }
    return tables
  })
}

async function askPlatforms(
  templates: readonly LoadedTemplate[],
  { platforms, folder }: CheckOptions,
  env: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  if (platforms !== true) return []
  return await withDrivers(null, env, async (drivers) => {
    const found = templates.map(async (loaded) => {
      const problems = await checkOnPlatforms(loaded.template, drivers)
      return problems.map((one) => placed(one, loaded, folder))
    })
    return (await Promise.all(found)).flat()
  })
}

/** connector.yaml without its secrets; null when there is none, or it is wrong (the start says so). */
async function readSettings(env: NodeJS.ProcessEnv): Promise<ConfigFile | null> {
  const path = env['CONFIG_FILE'] || 'connector.yaml'
  try {
    return parseConfigFile(await readFile(path, 'utf8'), path).value
  } catch {
    // Templates can be checked where no connector is.
    return null
  }
}

function overlapsOf(templates: readonly LoadedTemplate[], folder: string): Finding[] {
  const overlaps = findOverlaps(templates.map(({ template }) => template))
  return overlaps.flatMap((overlap) => {
    const loaded = templates.find(({ template }) => template.name === overlap.narrow.template)
    if (loaded === undefined) return []
    return placed(overlapProblem(overlap), loaded, folder)
  })
}

function overlapProblem({ wide, narrow, trigger, same }: Overlap): RuleProblem {
  const what = same ? 'the same tickets as' : 'only tickets that are also matched by'
  return {
    pointer: `/match/${narrow.index}/when`,
    reason: `matches ${what} match[${wide.index}] of ${wide.template}, which has the same priority: when both fit a ticket (${trigger}), neither is started`,
    hint: 'Give the template that should win a higher priority.',
  }
}

function placed(problem: RuleProblem, loaded: LoadedTemplate, folder: string): Finding {
  const parts = problem.pointer.split('/').slice(1)
  const path = parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part))
  const { line, column } = loaded.locate(path)
  const { reason, hint } = problem
  return { file: join(folder, loaded.file), line, column, path: dotted(path), reason, hint }
}

function dotted(path: readonly (string | number)[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '')
}

function ofFile(problem: TemplateFileProblem, folder: string): Finding {
  const { file, line, column, path, reason, hint } = problem
  return { file: join(folder, file), line, column, path, reason, hint }
}

function textOf(result: {
  templates: number
  rules: readonly Rule[]
  problems: readonly Finding[]
  warnings: readonly Finding[]
}): string {
  const { templates, rules, problems, warnings } = result
  const rows = rules.map(({ template, table, trigger, when, disabled }) => [
    template,
    table,
    trigger.join(', '),
    when,
    disabled ? 'disabled' : 'ok',
  ])
  const rest = [
    problems.length === 0 ? 'no problems' : count(problems.length, 'problem'),
    ...(warnings.length === 0 ? [] : [count(warnings.length, 'warning')]),
  ]
  const summary = [count(templates, 'template'), count(rules.length, 'rule'), ...rest].join(', ')
  const parts = [
    ...(rows.length === 0
      ? []
      : [formatTable(['Template', 'Table', 'Trigger', 'When', 'Result'], rows)]),
    ...problems.map((problem) => describe(problem, '')),
    ...warnings.map((warning) => describe(warning, 'warning: ')),
    summary,
  ]
  return parts.join('\n\n')
}

function describe({ file, line, column, path, reason, hint }: Finding, kind: string): string {
  const place = printable(`${file}:${line}:${column} ${path}`.trimEnd())
  return `${place}\n  ${kind}${printable(reason)}\n  → ${printable(hint)}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
