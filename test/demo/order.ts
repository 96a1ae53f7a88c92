// The ordered item of the demonstration: a requester orders a shared folder, and nobody else does anything.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { signInAs } from '../support/agent.ts'
import { until } from '../support/until.ts'
import type { PretendFarm } from './pretend-farm.ts'
import { runStory } from './process-story.ts'
import type { ProcessStory } from './process-story.ts'

/** Name of the catalog item. */
export const sharedFolder = 'New shared folder'

const answers = { folder_name: 'team-accounting', size_gb: '25' } as const

const startMs = 30_000

/** The end reaches the ticket a moment after the run. */
const lastUpdateMs = 15_000

/** Orders, and watches as an agent would. Throws when there is no story to tell. */
export async function playOrder(url: string, { shares }: PretendFarm): Promise<ProcessStory> {
  const requester = await signInAs(url, 'carla.caller')
  const agent = await signInAs(url, 'abel.agent')
  const item = await requester.order(sharedFolder, answers)
  const started = await until(
    `a run for ${item.number}`,
    async () => (await agent.preview(item)).runs[0],
    startMs,
  )
  const run = await agent.untilEnded(started.run_id)
  const names = ['state', 'short_description', 'requested_for', 'close_notes', 'active']
  const shown = await until(
    `the end of ${item.number}`,
    async () => {
      const read = await agent.read(item, names)
      return read['active'] === 'false' ? read : null
    },
    lastUpdateMs,
  )
  const made = existsSync(join(shares, answers.folder_name))
  return {
    ticket: {
      table: 'sc_req_item',
      number: item.number,
      sys_id: item.sysId,
      short_description: shown['short_description'] ?? '',
    },
    before: [
      `Carla Caller orders "${sharedFolder}" from the catalog: ${answers.folder_name}, ${answers.size_gb} GB.`,
    ],
    run: runStory(run),
    work_notes: await agent.notes(item),
    end: {
      State: shown['state'] ?? '',
      'Requested for': shown['requested_for'] ?? '',
      'Close notes': shown['close_notes'] ?? '',
    },
    proof: `the folder ${answers.folder_name} ${made ? 'is there' : 'is NOT there'}`,
    as_planned: run.state === 'succeeded' && shown['state'] === 'Closed Complete' && made,
  }
}
