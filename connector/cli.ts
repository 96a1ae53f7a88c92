// The command line: declares the commands, or lets their files do so, and hands over to connector/cli/.
import { Command } from 'commander'

import { exportAudit, verifyAudit } from './cli/audit.ts'
import { printDeadLetters, redrive } from './cli/dead-letters.ts'
import type { RedriveOptions } from './cli/dead-letters.ts'
import { declareDecide } from './cli/decide.ts'
import { declarePlatforms } from './cli/platforms.ts'
import { declareRules } from './cli/rules.ts'
import { writeSchema } from './cli/schema.ts'
import { messageOf } from './errors.ts'

const program = new Command('ticket-automation')
  .description('Commands for admins of Ticket Automation.')
  .showHelpAfterError()

program
  .command('schema')
  .description('write the JSON Schema of a job template, for editors that complete YAML')
  .option('-o, --out <file>', 'file to write; - = standard output', 'job-template.schema.json')
  .action(async ({ out }: { out: string }) => {
    await writeSchema(out)
  })

declareRules(program, process.env)
declareDecide(program, process.env)

declarePlatforms(program, process.env)

program
  .command('dead')
  .description('list the dead letters: events and status updates that ran out of retries')
  .action(async () => {
    await printDeadLetters(process.env)
  })

program
  .command('redrive')
  .description('send dead letters on their way again, once their cause is mended')
  .option('--event <id>', 'the event with this id')
  .option('--run <id>', 'the status updates of this run')
  .option('--all', 'all of them')
  .action(async (options: RedriveOptions) => {
    await redrive(process.env, options)
  })

const audit = program.command('audit').description('the chain of what was decided and done')

audit
  .command('verify')
  .description('follow the whole chain; exit code 1 when it does not hold')
  .option('--file <file>', 'verify an export instead of the database')
  .option('--head <position:hash>', 'a head noted earlier: prove that the chain still contains it')
  .action(async (options: { file?: string; head?: string }) => {
    const holds = await verifyAudit(process.env, options)
    if (!holds) process.exitCode = 1
  })

audit
  .command('export')
  .description('write the whole chain as JSON lines that verify offline')
  .requiredOption('-o, --out <file>', 'file to write; it must not exist yet')
  .action(async ({ out }: { out: string }) => {
    await exportAudit(process.env, out)
  })

try {
  await program.parseAsync()
} catch (error) {
  console.error(`error: ${messageOf(error)}`)
  process.exitCode = 1
}
