// `decide again`: today's templates, rules and policy on an event of the past. Reads the database, changes nothing.
import type { DecideAgainReply } from '#shared/rule-tools.ts'

import { loadConfig } from '../config.ts'
import { decideAgain } from '../rule-tools/decide-again.ts'
import { readFolderTemplates } from './folder-templates.ts'
import { chooseInstance } from './instance-access.ts'
import { withPastStore } from './past-store.ts'
import { diffText } from './receipt-text.ts'
import { printable } from './table.ts'

/** Options of the command line. */
export interface AgainOptions {
  instance?: string
  json?: boolean
}

/** Prints the differences. Throws an Error in plain words when the event is not there. */
export async function decideEventAgain(
  eventId: string,
  options: AgainOptions,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const config = loadConfig(env)
  const { instance } = options
  const source = instance === undefined ? null : chooseInstance(config, instance).url
  const reply = await withPastStore(config, async (pool) => {
    const folder = await readFolderTemplates(config, pool)
    const answer = await decideAgain(
      { eventId, source },
      {
        db: pool,
        templates: folder.templates,
        policy: config.policy,
        instanceOf: (url) => config.instances.find((one) => one.url === url)?.name ?? null,
      },
    )
    if (answer.ok) {
      return { ...answer.reply, notes: [...answer.reply.notes, ...folder.notes] }
    }
    const hint = answer.code === 'ambiguous' ? '; say which with --instance <name>' : ''
    throw new Error(answer.reason + hint)
  })
  console.log(options.json === true ? JSON.stringify(reply, null, 2) : textOf(reply))
}

function textOf(reply: DecideAgainReply): string {
  const { event_id: id, type, ticket, received_at: received, templates, runs, notes } = reply
  const changed = templates.filter(({ status }) => status !== 'same').length
  const [then, today] = [runs.before, runs.after].map((names) => names.join(', ') || 'nothing')
  const parts = [
    printable(`Event ${id} (${type}, ${ticket}) of ${received}`),
    `Started then: ${then}\nWould start today: ${today}`,
    ...templates.map((diff) => diffText(diff)),
    templates.length === 0
      ? 'No template was or is tried for it.'
      : `${changed} of ${templates.length} receipts differ.`,
    notes.map((note) => printable(`Note: ${note}`)).join('\n'),
  ]
  return parts.join('\n\n')
}
