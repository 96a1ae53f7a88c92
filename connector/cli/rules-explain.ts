// `rules explain`: why each template fits a ticket or not, as the road would decide now. No side effects.
import type { RuleExplainReply } from '#shared/rule-tools.ts'

import { loadConfig } from '../config.ts'
import { ticketKeyOf } from '../db/events.ts'
import type { Pool } from '../db/pool.ts'
import { runsOnTargets } from '../db/run-targets.ts'
import { runsOfTickets } from '../db/runs.ts'
import { ConnectorError } from '../errors.ts'
import { explainTicket } from '../rule-tools/explain.ts'
import type { Situation } from '../rule-tools/explain.ts'
import type { WeighFacts } from '../weigh.ts'
import { isTicketNumber, personNamed, subjectOfFile, subjectOfTicket } from './explain-subject.ts'
import type { Subject } from './explain-subject.ts'
import { readFolderTemplates, templatesNamed } from './folder-templates.ts'
import type { FolderTemplates } from './folder-templates.ts'
import { chooseInstance, withInstance } from './instance-access.ts'
import { withPastStore } from './past-store.ts'
import { receiptText, verdictText } from './receipt-text.ts'
import { printable } from './table.ts'

/** Options of the command line. */
export interface ExplainOptions {
  instance?: string
  template?: string
  as?: string
  offline?: boolean
  json?: boolean
}

/** Prints the receipts. Throws an Error in plain words when the ticket, a person or a template is not there. */
export async function explainRules(
  argument: string,
  options: ExplainOptions,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const folder = await readFolderTemplates(loadConfig(env), null)
  templatesNamed(folder.templates, options.template)
  const subject = await readSubject(argument, options, { env, folder })
  const explained = await explain(subject, options, env)
  const reply = { ...explained, notes: [...subject.notes, ...folder.notes, ...explained.notes] }
  console.log(options.json === true ? JSON.stringify(reply, null, 2) : textOf(reply, subject))
}

async function readSubject(
  argument: string,
  { instance, as }: ExplainOptions,
  { env, folder }: { env: NodeJS.ProcessEnv; folder: FolderTemplates },
): Promise<Subject> {
  const templates = folder.templates.map(({ template }) => template)
  if (isTicketNumber(argument)) {
    return await withInstance(env, instance, (access) =>
      subjectOfTicket(argument, access, { as, templates }),
    )
  }
  const subject = await subjectOfFile(argument)
  if (as === undefined) return subject
  const actor = await withInstance(env, instance, (access) => personNamed(as, access))
  return { ...subject, situation: { ...subject.situation, actor }, actorIs: 'named with --as' }
}

async function explain(
  { situation }: Subject,
  options: ExplainOptions,
  env: NodeJS.ProcessEnv,
): Promise<RuleExplainReply> {
  const config = loadConfig(env)
  const { name, url } = chooseInstance(config, options.instance)
  const now = new Date()

  async function withRuns(pool: Pool | null): Promise<Omit<RuleExplainReply, 'notes'>> {
    const { templates } = await readFolderTemplates(config, pool)
    const facts: WeighFacts = {
      instance: name,
      earlierRuns: await earlierRuns(pool, url, situation),
      targetRuns: (targets) => (pool === null ? noRuns() : runsOnTargets(pool, name, targets)),
      policy: config.policy,
      now,
    }
    return await explainTicket(situation, templatesNamed(templates, options.template), facts)
  }
  if (options.offline === true) {
    return { ...(await withRuns(null)), notes: [`${withoutRuns} (--offline).`] }
  }
  try {
    return { ...(await withPastStore(config, withRuns)), notes: [] }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    const notes = [`${withoutRuns} (${error.message}).`]
    return { ...(await withRuns(null)), notes }
  }
}

const withoutRuns =
  'Earlier runs are not looked at, so no-other-run, target-free, cooldown and max-runs refuse nothing here'

function noRuns(): Promise<[]> {
  return Promise.resolve([])
}

async function earlierRuns(
  pool: Pool | null,
  source: string,
  { ticket }: Situation,
): Promise<WeighFacts['earlierRuns']> {
  return pool === null ? [] : await runsOfTickets(pool, [ticketKeyOf(source, ticket)])
}

function textOf(reply: RuleExplainReply, { situation, actorIs }: Subject): string {
  const { ticket, actor } = situation
  const parts = [
    printable(`${ticket.number} (${ticket.table}) as ${actor.user_name} (${actorIs})\n`.trimEnd()),
    reply.verdicts.map(verdictText).join('\n'),
    ...reply.receipts.map(receiptText),
    ...(reply.receipts.length === 0 ? [`No template has a rule for ${ticket.table}.`] : []),
    reply.notes.map((note) => printable(`Note: ${note}`)).join('\n'),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}
