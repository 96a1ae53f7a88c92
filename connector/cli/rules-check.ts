// `rules check`: every job template and every match rule of a folder, with what is wrong and what to do.
import { join } from 'node:path'

import { parseQuery } from '../matching/parse-query.ts'
import { loadTemplateFolder } from '../templates/load.ts'
import type { LoadedTemplate, TemplateFileProblem } from '../templates/parse.ts'
import { formatTable, printable } from './table.ts'

/** One match rule as it was checked. */
interface RuleRow {
  template: string
  place: string
  table: string
  trigger: string
  when: string
  /** Why the rule is disabled, or null. */
  reason: string | null
}

/**
 * Checks the folder and prints a table of its rules and a list of its problems. True when nothing is
 * wrong. Field types are known only when a ticket arrives, so values are not checked against them here.
 * Throws ConnectorError `template_invalid` when the folder cannot be read.
 */
export async function checkRules(folder: string): Promise<boolean> {
  const { templates, problems } = await loadTemplateFolder(folder)
  const rules = templates.flatMap((loaded) => ruleRows(loaded, folder))
  const broken = rules.filter(({ reason }) => reason !== null)
  if (rules.length > 0) {
    console.log(
      formatTable(
        ['Template', 'Table', 'Trigger', 'When', 'Result'],
        rules.map(({ template, table, trigger, when, reason }) => [
          template,
          table,
          trigger,
          when,
          reason === null ? 'ok' : 'disabled',
        ]),
      ),
    )
  }
  const wrong = [
    ...broken.map(describeRule),
    ...problems.map((problem) => describe(problem, folder)),
  ]
  for (const text of wrong) console.log(`\n${text}`)
  const rest = wrong.length === 0 ? 'no problems' : count(wrong.length, 'problem')
  console.log(`\n${count(templates.length, 'template')}, ${count(rules.length, 'rule')}, ${rest}`)
  return wrong.length === 0
}

function ruleRows(loaded: LoadedTemplate, folder: string): RuleRow[] {
  const { template, file } = loaded
  return template.match.map(({ table, when, trigger }, index) => {
    const { line, column } = loaded.locate(['match', index, 'when'])
    const parsed = parseQuery(when)
    return {
      template: template.name,
      place: `${join(folder, file)}:${line}:${column} match[${index}].when`,
      table,
      trigger: trigger.join(', '),
      when,
      reason: parsed.ok ? null : `${parsed.code}: ${parsed.reason}`,
    }
  })
}

function describeRule({ place, reason }: RuleRow): string {
  const hint = 'Correct the query: build it in a list of the instance and use Copy query.'
  return `${place}\n  ${printable(reason ?? '')}\n  → ${hint}`
}

function describe(problem: TemplateFileProblem, folder: string): string {
  const { file, line, column, path, reason, hint } = problem
  const place = `${join(folder, file)}:${line}:${column} ${path}`.trimEnd()
  return `${printable(place)}\n  ${printable(reason)}\n  → ${printable(hint)}`
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}
