// The story of one ticket: what a person would read on it from top to bottom, as data and as text.

/** Everything that happened. Times of notes are UTC, yyyy-MM-dd HH:mm:ss. */
export interface Story {
  ticket: {
    number: string
    sys_id: string
    short_description: string
    priority: string
    caller: string
    opened_by: string
    assignment_group: string
    configuration_item: string
    state: string
    close_code: string
    close_notes: string
    resolved_by: string
    resolved_at: string
  }
  agent: { user_name: string; name: string }
  automations: readonly StoryAutomation[]
  run: {
    run_id: string
    title: string
    template: string
    version: number
    parameters: readonly StoryParameter[]
    state: string
    message: string
    decision: string
    /** What the run page showed, one entry per change; seconds since the agent confirmed. */
    progress: readonly { seconds: number; state: string; percent: number; message: string }[]
  }
  work_notes: readonly { at: string; by: string; text: string }[]
  /** What the disk says. */
  proof: {
    old_files: number
    old_files_deleted: number
    other_files: number
    other_files_kept: number
  }
  /** True only when the job itself resolved the ticket and really did its work. */
  resolved_by_the_job: boolean
  /** From the first click to the end. */
  seconds: number
}

/** One value of the run page's form, as it was sent and as the person saw it. */
interface StoryParameter {
  name: string
  label: string
  value: string | number | boolean | null
  shown: string
}

/** One line of the run page's list. */
export interface StoryAutomation {
  title: string
  fits: boolean
  why: string
  next_steps: readonly string[]
}

const width = 100

/** The story as text for a terminal. */
export function tellStory(story: Story): string {
  return [
    ...head(story),
    ...offers(story),
    ...choice(story),
    ...progress(story),
    ...notes(story),
    ...end(story),
  ].join('\n')
}

function head({ ticket }: Story): string[] {
  return [
    `${ticket.number}  ${ticket.short_description}`,
    `  Caller ${ticket.caller} · opened by ${ticket.opened_by} · ${ticket.assignment_group} · ${ticket.configuration_item} · priority ${ticket.priority}`,
    '',
  ]
}

function offers({ agent, automations }: Story): string[] {
  const lines = automations.flatMap((one) => [
    `  ${one.fits ? 'fits        ' : 'does not fit'}  ${one.title}`,
    ...wrap(one.why, 16),
    ...one.next_steps.flatMap((step) => wrap(`Next step: ${step}`, 16)),
  ])
  return [`${agent.name} clicks "Run automation" and sees`, ...lines, '']
}

function choice({ agent, run }: Story): string[] {
  const values = run.parameters.map(({ label, shown }) => `  ${label}: ${shown}`)
  return [`${agent.name} runs "${run.title}" (version ${run.version}) with`, ...values, '']
}

function progress({ run }: Story): string[] {
  const lines = run.progress.map(({ seconds, state, percent, message }) => {
    const time = `${seconds.toFixed(1).padStart(6)} s`
    return `  ${time}  ${state.padEnd(10)} ${`${percent} %`.padStart(5)}  ${message}`
  })
  return ['The run page shows', ...lines, '']
}

function notes({ work_notes: entries }: Story): string[] {
  const lines = entries.flatMap(({ at, by, text }) => [
    `  ${at} UTC  ${by}`,
    ...text.split('\n').map((line) => `    ${line}`),
    '',
  ])
  return ['Work notes of the ticket', ...lines]
}

function end({ ticket, proof, resolved_by_the_job: resolved, seconds }: Story): string[] {
  return [
    'In the end',
    `  State            ${ticket.state}`,
    `  Resolution code  ${ticket.close_code}`,
    `  Notes            ${ticket.close_notes}`,
    `  Resolved         ${ticket.resolved_at} UTC by ${ticket.resolved_by}`,
    `  On the disk      ${proof.old_files_deleted} of ${proof.old_files} old logs are gone, ${proof.other_files_kept} of ${proof.other_files} other files are untouched`,
    '',
    resolved
      ? `The job resolved ${ticket.number}, ${seconds.toFixed(1)} s after the click.`
      : `The job did NOT resolve ${ticket.number}.`,
  ]
}

/** Breaks a long text at blanks. */
function wrap(text: string, indent: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(line)
      line = ''
    }
    line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line].map((part) => ' '.repeat(indent) + part)
}
