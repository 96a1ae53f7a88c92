// What a running job is doing: the task a playbook has reached, the nodes of a workflow.
import { getPage } from './client.ts'
import type { AwxClient } from './client.ts'
import { jobPath } from './reference.ts'
import type { JobKey } from './reference.ts'
import { JobEvent, WorkflowNode } from './wire.ts'

/** Where a running job is. */
export interface Step {
  message: string
  /** Percent; null for a playbook, whose number of tasks nobody knows beforehand. */
  progress: number | null
}

/** The latest task of a playbook, and how many have been started. */
export async function stepOf(client: AwxClient, key: JobKey, signal: AbortSignal): Promise<Step> {
  const query = { event: 'playbook_on_task_start', order_by: '-counter', page_size: '1' }
  const path = `${jobPath(key)}/job_events`
  const { rows, count } = await getPage(client, { path, query, signal }, JobEvent)
  const task = rows[0]?.task ?? ''
  const message = task === '' ? 'running' : `task ${Math.max(1, count)}: ${task}`
  return { message, progress: null }
}

/** All nodes of a workflow job. */
export async function readNodes(
  client: AwxClient,
  key: JobKey,
  signal: AbortSignal,
): Promise<WorkflowNode[]> {
  const query = { order_by: 'id', page_size: '200' }
  const path = `${jobPath(key)}/workflow_nodes`
  return (await getPage(client, { path, query, signal }, WorkflowNode)).rows
}

/** Words of nodes that are over. */
const ended = new Set(['successful', 'failed', 'error', 'canceled'])

/** The nodes of a workflow that are over, the one that runs, and an approval that somebody has to give. */
export async function workflowStep(
  client: AwxClient,
  key: JobKey,
  signal: AbortSignal,
): Promise<Step> {
  const nodes = await readNodes(client, key, signal)
  const jobs = nodes.flatMap(({ summary_fields: { job } }) => (job === undefined ? [] : [job]))
  const over = nodes.filter(({ do_not_run: skipped, summary_fields: { job } }) => {
    return skipped || (job !== undefined && ended.has(job.status))
  }).length
  const place = `${over} of ${nodes.length} nodes are done`
  const progress = nodes.length === 0 ? null : Math.floor((over * 99) / nodes.length)
  const asked = jobs.find(({ type, status }) => {
    return type === 'workflow_approval' && status === 'pending'
  })
  if (asked !== undefined) {
    return { progress, message: `${place}; "${asked.name}" waits to be approved in AWX` }
  }
  const running = jobs.find(({ status }) => status === 'running')
  return { progress, message: running === undefined ? place : `${place}; ${running.name} runs` }
}

/** What a node is called by people. */
export function nodeName({ identifier, summary_fields: fields }: WorkflowNode): string {
  return fields.job?.name ?? fields.unified_job_template?.name ?? identifier
}
