// Plays the agent's whole road through the same HTTP interfaces as the pages: sign in, open a ticket, look what fits,
// confirm, watch, and read the ticket in the end.
import { existsSync } from 'node:fs'

import type { RunView } from '../../now-app/src/server/run-record.ts'
import { signInAs } from '../support/agent.ts'
import type { Agent, Offer, Ticket } from '../support/agent.ts'
import { until } from '../support/until.ts'
import { fullDisk } from './incidents.ts'
import type { PretendServer } from './pretend-server.ts'
import type { Story, StoryAutomation } from './story.ts'

/** Where the road is played. */
export interface Stage {
  instanceUrl: string
  server: PretendServer
}

const agentName = { user_name: 'abel.agent', name: 'Abel Agent' }
const template = 'free-disk-space'
const integrationUser = 'ticket.automation'

/** The form and the note arrive with the last status update, a moment after the run's end. */
const lastUpdateMs = 15_000

/** Plays. Throws when the road ends before there is a story to tell. */
export async function playOnce(stage: Stage): Promise<Story> {
  const agent = await signInAs(stage.instanceUrl, agentName.user_name)
  const ticket = await agent.createIncident(fullDisk.fields)
  const clicked = Date.now()
  const page = await agent.press(ticket, 'Run automation')
  if (!page.includes('x_snc_ticket_auto_start.do')) throw new Error(`the button led to "${page}"`)
  const { templates } = await agent.preview(ticket)
  const offer = templates.find(({ name }) => name === template)
  if (offer === undefined) throw new Error(`${template} is not among the automations`)
  const automations = templates.map(automationOf)
  if (!offer.decision.fits) throw new Error(`${offer.title}: ${offer.decision.summary}`)

  const confirmed = Date.now()
  const runId = await agent.run(ticket, offer)
  const progress: Story['run']['progress'][number][] = []
  const run = await agent.untilEnded(runId, (look) => note(progress, look, confirmed))
  await untilTold(agent, ticket, runId)
  const facts = { ticket: await readTicket(agent, ticket), work_notes: await agent.notes(ticket) }
  const proof = proofOf(stage.server)
  return {
    ...facts,
    agent: agentName,
    automations,
    run: { ...runOf(run, offer), progress },
    proof,
    resolved_by_the_job: isResolved({ ...facts, run, proof }),
    seconds: (Date.now() - clicked) / 1000,
  }
}

function automationOf({ title, decision }: Offer): StoryAutomation {
  const hints = decision.checks.flatMap(({ passed, hint }) =>
    passed || hint === undefined ? [] : [hint],
  )
  return { title, fits: decision.fits, why: decision.summary, next_steps: hints }
}

/** Adds what the run page shows now, if that is new. */
function note(progress: Story['run']['progress'][number][], look: RunView, since: number): void {
  const last = progress.at(-1)
  const entry = { state: look.state_label, percent: look.progress, message: look.message }
  if (
    last !== undefined &&
    last.state === entry.state &&
    last.percent === entry.percent &&
    last.message === entry.message
  ) {
    return
  }
  progress.push({ seconds: (Date.now() - since) / 1000, ...entry })
}

/** The run page can know the end before the ticket does. */
async function untilTold(agent: Agent, ticket: Ticket, runId: string): Promise<void> {
  async function isTold(): Promise<boolean> {
    const notes = await agent.notes(ticket)
    return notes.filter(({ text }) => text.includes(runId)).length >= 2
  }
  await until('the last work note', isTold, lastUpdateMs)
}

async function readTicket(agent: Agent, ticket: Ticket): Promise<Story['ticket']> {
  const names = ['short_description', 'priority', 'assignment_group', 'state', 'close_code']
  const people = ['caller_id', 'opened_by', 'resolved_by', 'resolved_at', 'close_notes', 'cmdb_ci']
  const shown = await agent.read(ticket, [...names, ...people])
  function field(name: string): string {
    return shown[name] ?? ''
  }
  return {
    number: ticket.number,
    sys_id: ticket.sysId,
    short_description: field('short_description'),
    priority: field('priority'),
    caller: field('caller_id'),
    opened_by: field('opened_by'),
    assignment_group: field('assignment_group'),
    configuration_item: field('cmdb_ci'),
    state: field('state'),
    close_code: field('close_code'),
    close_notes: field('close_notes'),
    resolved_by: field('resolved_by'),
    resolved_at: field('resolved_at'),
  }
}

function runOf(run: RunView, offer: Offer): Omit<Story['run'], 'progress'> {
  return {
    run_id: run.run_id,
    title: run.template.title,
    template: run.template.name,
    version: run.template.version,
    parameters: offer.parameters.map(({ name, label, value, choices }) => ({
      name,
      label,
      value,
      shown: choices?.find((choice) => choice.value === value)?.label ?? shownValue(value),
    })),
    state: run.state,
    message: run.message,
    decision: run.decision_summary,
  }
}

function shownValue(value: string | number | boolean | null): string {
  if (value === null || value === '') return '(empty)'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  return String(value)
}

function proofOf({ oldFiles, otherFiles }: PretendServer): Story['proof'] {
  return {
    old_files: oldFiles.length,
    old_files_deleted: oldFiles.filter((path) => !existsSync(path)).length,
    other_files: otherFiles.length,
    other_files_kept: otherFiles.filter((path) => existsSync(path)).length,
  }
}

/** Resolved, by this run, as told by the connector's own note, with the work really done. */
function isResolved(facts: {
  ticket: Story['ticket']
  work_notes: Story['work_notes']
  run: RunView
  proof: Story['proof']
}): boolean {
  const { ticket, run, proof } = facts
  const told = facts.work_notes.some(
    ({ by, text }) => by === integrationUser && text.includes(run.run_id),
  )
  return (
    ticket.state === 'Resolved' &&
    ticket.close_notes.includes(run.run_id) &&
    run.state === 'succeeded' &&
    told &&
    proof.old_files_deleted === proof.old_files &&
    proof.other_files_kept === proof.other_files
  )
}
