// `rules backtest`: what today's rules would have done with the tickets of the last days. Nothing is written anywhere.
import type { AsOf, BacktestReport, BacktestTemplate } from '#shared/rule-tools.ts'

import { backtestInstance } from '../rule-tools/read-backtest.ts'
import { readFolderTemplates, templatesNamed } from './folder-templates.ts'
import { withInstance } from './instance-access.ts'
import { formatTable, printable } from './table.ts'

/** Options of the command line. */
export interface BacktestCommandOptions {
  days: number
  table: string
  asOf: AsOf
  instance?: string
  template?: string
  json?: boolean
}

const dayMs = 86_400_000

/** Reads, counts and prints. Throws an Error with the next step when the instance cannot be read. */
export async function backtestRules(
  options: BacktestCommandOptions,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const report = await withInstance(env, options.instance, async (access) => {
    const folder = await readFolderTemplates(access.config, null)
    const now = new Date()
    const counted = await backtestInstance(
      {
        table: options.table,
        since: new Date(now.getTime() - options.days * dayMs),
        asOf: options.asOf,
        templates: templatesNamed(folder.templates, options.template),
      },
      {
        ...access,
        instance: access.instance.name,
        policy: access.config.policy,
        now,
        // Ctrl-C is the limit of a person who waits.
        signal: new AbortController().signal,
        onProgress: showProgress,
      },
    )
    return { ...counted, notes: [...counted.notes, ...folder.notes] }
  })
  console.log(options.json === true ? JSON.stringify(report, null, 2) : textOf(report))
}

/** On standard error, and only for people: the report itself can be piped. */
function showProgress(tickets: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${tickets} tickets read `)
}

function textOf(report: BacktestReport): string {
  const { table, tickets, since, until, templates, unmatched, overlaps, notes } = report
  const head = `${tickets} tickets of ${table} created from ${since} to ${until}; no rule matched ${unmatched} of them`
  const tried = templates.flatMap(({ name, rules }) =>
    rules.map(({ when, tried: isTried, trigger, matched, invalid, reason }) => [
      name,
      String(matched),
      String(invalid),
      when,
      isTried ? (reason ?? '') : `not tried: fires on ${trigger.join(', ')}`,
    ]),
  )
  const parts = [
    printable(head),
    formatTable(
      ['Template', 'Priority', 'Matched', 'Would run', 'Outranked', 'Tied', 'Refused'],
      templates.map(countsOf),
    ),
    formatTable(['Template', 'Matched', 'Invalid', 'Rule', 'Why'], tried),
    ...templates.flatMap(detailsOf),
    ...(overlaps.length === 0
      ? []
      : [
          formatTable(
            ['Both match', '', 'Tickets', 'Ties', 'Example'],
            overlaps.map(({ templates: [one, other], tickets: both, ties, example }) => [
              one,
              other,
              String(both),
              String(ties),
              example,
            ]),
          ),
        ]),
    notes.map((note) => printable(`Note: ${note}`)).join('\n'),
  ]
  return parts.join('\n\n')
}

function countsOf(template: BacktestTemplate): string[] {
  const { name, priority, matched, would_run, outranked, tied, refused } = template
  return [name, ...[priority, matched, would_run, outranked, tied, refused].map(String)]
}

function detailsOf({
  name,
  targets,
  targets_exact,
  refusals,
  tickets,
}: BacktestTemplate): string[] {
  const onTargets = targets.map(({ target, count }) => `${target} (${count})`).join(', ')
  const lines = [
    ...(tickets.length === 0 ? [] : [`would run for ${tickets.join(', ')}, …`]),
    ...(onTargets === '' ? [] : [`on ${onTargets}${targets_exact ? '' : ', about'}`]),
    ...refusals.map(
      ({ check, count, ticket, detail }) =>
        `refused ${count} times by ${check}, e.g. ${ticket}: ${detail}`,
    ),
  ]
  return lines.length === 0 ? [] : [printable(`${name}:`) + lines.map(lineOf).join('')]
}

function lineOf(text: string): string {
  return `\n  ${printable(text)}`
}
