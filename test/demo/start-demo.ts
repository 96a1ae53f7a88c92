import { fileURLToPath } from 'node:url'

// Brings the demonstration up: pretend server, connector with its database, local instance with the built app, and the
// tickets. What it started, it stops.
import { signInAs } from '../support/agent.ts'
import { startStack } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'
import { openChange } from './change.ts'
import { fullDisk, moreIncidents } from './incidents.ts'
import type { DemoIncident } from './incidents.ts'
import { preparePretendServer } from './pretend-server.ts'
import type { PretendServer } from './pretend-server.ts'

/** Folder of the sample templates. */
export const templatesDir = fileURLToPath(new URL('templates', import.meta.url))

/** How it is started. */
export interface DemoOptions {
  folder: string
  ports?: { connector: number; instance: number }
  /** False: no tickets but those that are created later. */
  tickets: boolean
  /** Told what has been done, in a few words. */
  tell: (done: string) => void
}

/** The running demonstration. */
export interface Demo {
  stack: Stack
  server: PretendServer
  tickets: readonly CreatedIncident[]
  /** The approved change; absent when no tickets were wanted. */
  change?: { number: string; url: string }
  stop(): Promise<void>
}

/** A ticket of the demonstration. */
export interface CreatedIncident {
  number: string
  url: string
  incident: DemoIncident
}

const agentUser = 'abel.agent'
const adminUser = 'ada.admin'

const parts = {
  app: 'The ServiceNow app is built',
  connector: 'The connector and its database are up',
  instance: 'The local instance is up, with the app installed',
} as const

/** Starts everything. Throws when a part does not come up; then nothing is left running. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const server = await preparePretendServer(options.folder)
  options.tell('A pretend server is prepared: old logs, a hanging service, a web farm')
  try {
    const stack = await startStack({
      folder: options.folder,
      templatesDir,
      jobsDir: server.jobsDir,
      platform: { samples: false },
      onUp: (part) => options.tell(parts[part]),
      ...(options.ports === undefined ? {} : { ports: options.ports }),
    })
    try {
      const filled = await fill(stack.instance.url, options)
      return { stack, server, ...filled, stop: () => stop(stack, server) }
    } catch (error) {
      await stack.stop()
      throw error
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** The app's list of job templates, and the tickets. */
async function fill(url: string, options: DemoOptions): Promise<Pick<Demo, 'tickets' | 'change'>> {
  const admin = await signInAs(url, adminUser)
  const synced = await admin.call('POST', '/api/x_snc_ticket_auto/v1/automation/templates/sync', {})
  if (synced.status !== 200) throw new Error(`templates: ${synced.status} ${synced.text}`)
  if (!options.tickets) return { tickets: [] }
  const agent = await signInAs(url, agentUser)
  const created: CreatedIncident[] = []
  for (const incident of [fullDisk, ...moreIncidents]) {
    const { number, sysId } = await agent.createIncident(incident.fields)
    created.push({ number, url: `${url}/incident.do?sys_id=${sysId}`, incident })
  }
  const { number, sysId } = await openChange(admin)
  options.tell(`${created.length} incidents are open, and a change is approved`)
  const change = { number, url: `${url}/change_request.do?sys_id=${sysId}` }
  return { tickets: created, change }
}

async function stop(stack: Stack, server: PretendServer): Promise<void> {
  await stack.stop()
  // The last one: a job may just have started it again.
  await server.stop()
}
