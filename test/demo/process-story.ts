// The story of a change or of an ordered item: what a person would read on it, as data and as text.
import type { RunWithPlan } from '../../now-app/src/server/run-record.ts'
import type { Note } from '../support/agent.ts'

/** Everything that happened to one ticket. */
export interface ProcessStory {
  ticket: { table: string; number: string; sys_id: string; short_description: string }
  /** Who did what before the run, a line each. */
  before: readonly string[]
  run: {
    run_id: string
    title: string
    state: string
    message: string
    steps: readonly { phase: string; name: string; where: string; state: string; message: string }[]
  }
  work_notes: readonly Note[]
  /** Fields of the ticket in the end, by label. */
  end: Readonly<Record<string, string>>
  /** What the disk says. */
  proof: string
  /** True only when ticket, run and disk say what the story is meant to show. */
  as_planned: boolean
}

/** What a story tells of a run. */
export function runStory(run: RunWithPlan): ProcessStory['run'] {
  const steps = run.steps.filter(({ state }) => state !== 'skipped')
  return {
    run_id: run.run_id,
    title: run.template.title,
    state: run.state,
    message: run.message,
    steps: steps.map(({ phase, name, batch, targets, state, message }) => ({
      phase,
      name,
      where: [...(batch === null ? [] : [`batch ${batch}`]), targets.join(' ')].join(': '),
      state,
      message,
    })),
  }
}

/** The story as text for a terminal. */
export function tellProcess(story: ProcessStory): string {
  const { ticket, run, end } = story
  const steps = run.steps.map(({ phase, name, where, state, message }) =>
    `  ${phase.replace('_', '-').padEnd(10)}  ${state.padEnd(9)}  ${name}${where === '' ? '' : ` (${where})`}: ${message}`.trimEnd(),
  )
  const notes = story.work_notes.flatMap(({ at, by, text }) => [
    `  ${at} UTC  ${by}`,
    ...text.split('\n').map((line) => `    ${line}`),
    '',
  ])
  const fields = Object.entries(end).map(([label, value]) => `  ${label.padEnd(15)}  ${value}`)
  return [
    `${ticket.number}  ${ticket.short_description}`,
    ...story.before.map((line) => `  ${line}`),
    '',
    `The run "${run.title}" ${run.state.replace('_', ' ')}: ${run.message}`,
    ...steps,
    '',
    'Work notes of the ticket',
    ...notes,
    'In the end',
    ...fields,
    `  ${'On the disk'.padEnd(15)}  ${story.proof}`,
    '',
    story.as_planned
      ? `${ticket.number} went as planned.`
      : `${ticket.number} did NOT go as planned.`,
  ].join('\n')
}
