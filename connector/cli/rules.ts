// Declares `rules check`, `rules explain` and `rules backtest`.
import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'

import { maxBacktestDays } from '#shared/rule-tools.ts'
import { TableName } from '#shared/ticket-event.ts'

import { backtestRules } from './rules-backtest.ts'
import type { BacktestCommandOptions } from './rules-backtest.ts'
import { checkRules } from './rules-check.ts'
import { explainRules } from './rules-explain.ts'
import type { ExplainOptions } from './rules-explain.ts'

/** Adds the commands. `env` names settings and database as for the connector itself. */
export function declareRules(program: Command, env: NodeJS.ProcessEnv): void {
  const rules = program.command('rules').description('match rules of job templates')
  declareCheck(rules, env)
  rules
    .command('explain')
    .description('say why each template fits a ticket or not; nothing is started')
    .argument('<ticket|file>', 'number of a ticket, or a JSON file with an event or a ticket')
    .option('--instance <name>', 'instance of connector.yaml (default: the only one)')
    .option('--template <name>', 'only this template')
    .option('--as <user_name>', 'judge for this person of the instance')
    .option('--offline', 'do not look at earlier runs in the database')
    .option('--json', 'for programs')
    .action(async (argument: string, options: ExplainOptions) => {
      await explainRules(argument, options, env)
    })
  rules
    .command('backtest')
    .description('say what the rules would have done with the tickets of the last days')
    .option('--days <days>', 'how far to look back', daysOf, 30)
    .option('--table <table>', 'table of the tickets', tableOf, 'incident')
    .option('--instance <name>', 'instance of connector.yaml (default: the only one)')
    .option('--template <name>', 'only this template')
    .addOption(
      new Option('--as-of <moment>', 'judge tickets as they were when created, or as they are now')
        .choices(['created', 'now'])
        .default('created'),
    )
    .option('--json', 'for programs')
    .action(async (options: BacktestCommandOptions) => {
      await backtestRules(options, env)
    })
}

function declareCheck(rules: Command, env: NodeJS.ProcessEnv): void {
  rules
    .command('check')
    .description('read every job template and say what is wrong; exit code 1 when anything is')
    .argument('[folder]', 'folder of job templates (default: TEMPLATES_DIR, or templates)')
    .addOption(
      new Option('--templates-dir <folder>').env('TEMPLATES_DIR').default('templates').hideHelp(),
    )
    .option('--instance [name]', 'look the fields up in the dictionary of this instance')
    .option('--platforms', 'ask the job platforms whether they take job and parameters')
    .option('--json', 'for programs')
    .action(
      async (
        folder: string | undefined,
        options: {
          templatesDir: string
          instance?: string | true
          platforms?: boolean
          json?: boolean
        },
      ) => {
        const fine = await checkRules({ ...options, folder: folder ?? options.templatesDir }, env)
        if (!fine) process.exitCode = 1
      },
    )
}

function daysOf(text: string): number {
  const days = Number(text)
  if (Number.isInteger(days) && days >= 1 && days <= maxBacktestDays) return days
  throw new InvalidArgumentError(`must be a whole number from 1 to ${maxBacktestDays}.`)
}

function tableOf(text: string): string {
  if (TableName.safeParse(text).success) return text
  throw new InvalidArgumentError('must be a table name such as incident.')
}
