// Declares `decide again`.
import type { Command } from 'commander'

import { decideEventAgain } from './decide-again.ts'
import type { AgainOptions } from './decide-again.ts'

/** Adds the command. `env` names settings and database as for the connector itself. */
export function declareDecide(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('decide')
    .description('decisions on events')
    .command('again')
    .description("compare an event's receipts with those that today's templates and rules give")
    .argument('<event-id>', 'id of the event (outbox row of the app)')
    .option('--instance <name>', 'instance of connector.yaml that sent it')
    .option('--json', 'for programs')
    .action(async (eventId: string, options: AgainOptions) => {
      await decideEventAgain(eventId, options, env)
    })
}
