// The change of the demonstration: opened and approved as a change manager does it, its window being now, and
// played with a patch that has a bug, so that there is something to roll back.
import { signInAs } from '../support/agent.ts'
import type { Agent, Ticket } from '../support/agent.ts'
import { until } from '../support/until.ts'
import type { PretendFarm } from './pretend-farm.ts'
import { runStory } from './process-story.ts'
import type { ProcessStory } from './process-story.ts'

/** Short description of the change. */
export const patchFarm = 'Patch the servers of the web farm'

const template = 'patch-web-farm'

/** The patch level that stops a server from answering. */
const buggyLevel = '2026-12'

const minuteMs = 60_000
const windowMs = 8 * 60 * minuteMs

/** States and approvals as a normal change goes through them (values of the base system). */
const wayToScheduled = [
  { state: '-4' },
  { approval: 'approved' },
  { approval: 'approved' },
] as const

/** The end reaches the ticket a moment after the run. */
const lastUpdateMs = 15_000

/** Opens the change and has it approved. */
export async function openChange(manager: Agent): Promise<Ticket> {
  const now = Date.now()
  const change = await manager.create('change_request', {
    short_description: patchFarm,
    type: 'Normal',
    cmdb_ci: 'lnx-test-07',
    assignment_group: 'Unix Admins',
    requested_by: 'Ada Admin',
    start_date: stored(now - minuteMs),
    end_date: stored(now + windowMs),
    implementation_plan: 'One server first, then the other three, within the window.',
    backout_plan: 'Give all servers back what was installed before.',
  })
  for (const fields of wayToScheduled) await manager.change(change, fields)
  return change
}

/** Plays it. Throws when there is no story to tell. */
export async function playChange(url: string, farm: PretendFarm): Promise<ProcessStory> {
  const change = await openChange(await signInAs(url, 'ada.admin'))
  const agent = await signInAs(url, 'abel.agent')
  const { templates } = await agent.preview(change)
  const offer = templates.find(({ name }) => name === template)
  if (offer === undefined) throw new Error(`${template} is not among the automations`)
  if (!offer.decision.fits) throw new Error(`${offer.title}: ${offer.decision.summary}`)
  const run = await agent.untilEnded(await agent.run(change, offer, { level: buggyLevel }))
  const shown = await until(
    `${change.number} in review`,
    async () => {
      const read = await agent.read(change, ['state', 'close_code', 'close_notes', 'work_end'])
      return read['state'] === 'Review' ? read : null
    },
    lastUpdateMs,
  )
  const levels = farm.levels()
  const restored = levels.filter((level) => level === farm.level).length
  return {
    ticket: {
      table: 'change_request',
      number: change.number,
      sys_id: change.sysId,
      short_description: patchFarm,
    },
    before: [
      'Ada Admin opens the change, and it is approved; its window is now.',
      `Abel Agent clicks "Run automation" and runs "${offer.title}" with patch level ${buggyLevel}.`,
    ],
    run: runStory(run),
    work_notes: await agent.notes(change),
    end: {
      State: shown['state'] ?? '',
      'Close code': shown['close_code'] ?? '',
      'Actual end': `${shown['work_end'] ?? ''} UTC`,
    },
    proof: `${restored} of ${levels.length} servers are back on patch level ${farm.level}`,
    as_planned:
      run.state === 'rolled_back' &&
      shown['close_code'] === 'Unsuccessful' &&
      restored === levels.length,
  }
}

/** UTC, as forms and the Table API take it here. */
function stored(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
}
