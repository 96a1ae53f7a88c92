// GitHub with one repository and a workflow per job, answering in the shapes of its REST API.
import { startStandInServer } from '../stand-in-server.ts'
import type { Call, Exchange, Reply, StandInServer } from '../stand-in-server.ts'

/** A run and what only GitHub knows of it. */
export interface StandInRun {
  id: number
  name: string
  status: string
  conclusion: string | null
  title: string
  createdAt: string
  updatedAt: string
  inputs: Record<string, string>
  /** Done of ten steps. */
  done: number
  ahead: number[]
}

/** The stand-in and what it was made to do. */
export interface StandIn {
  server: StandInServer
  runs: StandInRun[]
  /** Lists leave out runs until this is called, as right after a dispatch. */
  hideRuns(times: number): void
  release(id: string): void
}

/** What the stand-in lets in. */
export const accessToken = 'github_pat_canary_91'

const repository = 'ops/jobs'

const names = [
  'succeed',
  'fail',
  'wait',
  'progress',
  'echo',
  'closed',
  'untitled',
  'push',
  'strange',
]

const hostile = ['command', 'quotes', 'lines', 'right_to_left', 'emoji', 'option', 'empty']
const echoed = [
  ...hostile,
  'controls',
  'progress',
  'long',
  'count',
  'ratio',
  'yes',
  'no',
  'password',
]

function fileOf(name: string): string {
  if (name === 'push') return 'on: push\njobs: {}\n'
  const inputs = ['ticket_run', ...(name === 'echo' ? echoed : [])]
  const title = name === 'untitled' ? 'Nightly' : '${{ inputs.ticket_run }}'
  return [
    `name: ${name}`,
    `run-name: "${title}"`,
    'on:',
    '  workflow_dispatch:',
    '    inputs:',
    ...inputs.map((input) => `      ${input}:`),
    ...(name === 'strange'
      ? [
          '      path: {description: Folder, required: true}',
          '      deep: {type: boolean, default: false}',
          '      mode: {type: choice, options: [dry, wet], required: true, default: dry}',
        ]
      : []),
    'jobs: {}',
  ].join('\n')
}

/** Starts it on a free port. */
export async function startStandIn(): Promise<StandIn> {
  const runs: StandInRun[] = []
  const hidden = { times: 0 }
  const server = await startStandInServer({
    callOf,
    handle: (exchange) => answer(exchange, { runs, hidden }),
  })
  return {
    server,
    runs,
    hideRuns(times) {
      hidden.times = times
    },
    release(id) {
      const run = runs.find((one) => id === `${repository}/${one.id}`)
      if (run !== undefined && run.status !== 'completed') end(run, 'success')
    },
  }
}

function callOf({ method, path }: Exchange): Call {
  if (method === 'POST') return path.endsWith('/cancel') ? 'cancel' : 'launch'
  if (path.endsWith('/runs')) return 'find'
  if (path.endsWith('/workflows')) return 'describe'
  return path.includes('/actions/runs/') ? 'status' : 'other'
}

interface World {
  runs: StandInRun[]
  hidden: { times: number }
}

function answer(exchange: Exchange, world: World): Reply {
  const { headers, method, path, query } = exchange
  if (headers['authorization'] !== `Bearer ${accessToken}`) {
    return { status: 401, body: { message: 'Bad credentials', status: '401' } }
  }
  if (path === '/rate_limit') {
    return { status: 200, headers: { 'x-ratelimit-remaining': '4987' }, body: { resources: {} } }
  }
  const rest = path.startsWith(`/repos/${repository}/`) ? path.slice(16) : ''
  const file = /^contents\/\.github\/workflows\/(?<name>[a-z]+)\.yml$/.exec(rest)?.groups?.['name']
  if (file !== undefined) {
    return names.includes(file) && query.get('ref') === 'main'
      ? { status: 200, body: fileOf(file) }
      : missing()
  }
  if (rest === 'actions/workflows') {
    const workflows = names.map((name) => ({
      id: 1,
      name: `Workflow ${name}`,
      path: `.github/workflows/${name}.yml`,
      state: 'active',
    }))
    return { status: 200, body: { total_count: workflows.length, workflows } }
  }
  const workflow = /^actions\/workflows\/(?<name>[a-z]+)\.yml\/(?<what>[a-z]+)$/.exec(rest)?.groups
  if (workflow !== undefined && names.includes(workflow['name'] ?? '')) {
    const name = workflow['name'] ?? ''
    if (method === 'POST') return dispatch(name, exchange, world)
    return list(name, query, world)
  }
  const [, id, what] = /^actions\/runs\/(\d+)(?:\/([a-z]+))?$/.exec(rest) ?? []
  const run = world.runs.find((one) => one.id === Number(id))
  return run === undefined ? missing() : ofRun(run, what ?? '')
}

function dispatch(name: string, exchange: Exchange, { runs }: World): Reply {
  // The driver sends JSON of this shape.
  const body = JSON.parse(exchange.body) as {
    inputs: Record<string, string>
    return_run_details?: boolean
  }
  const now = new Date().toISOString()
  const run: StandInRun = {
    id: 30_433_642 + runs.length,
    name,
    status: 'queued',
    conclusion: null,
    title: name === 'untitled' ? 'Nightly' : (body.inputs['ticket_run'] ?? ''),
    createdAt: now,
    updatedAt: now,
    inputs: body.inputs,
    done: 0,
    ahead: name === 'progress' ? [1, 6, 3, 9] : [],
  }
  runs.push(run)
  if (body.return_run_details !== true) return { status: 204 }
  const { html_url, url } = shape(run)
  return { status: 200, body: { workflow_run_id: run.id, run_url: url, html_url } }
}

function list(name: string, query: URLSearchParams, { runs, hidden }: World): Reply {
  const isHidden = hidden.times > 0
  hidden.times = Math.max(0, hidden.times - 1)
  const since = Date.parse(query.get('created')?.replace('>=', '') ?? '')
  const found = runs.filter(
    (run) => !isHidden && run.name === name && Date.parse(run.createdAt) >= since,
  )
  const page = found
    .map(shape)
    .toReversed()
    .slice(0, Number(query.get('per_page')))
  return { status: 200, body: { total_count: found.length, workflow_runs: page } }
}

function ofRun(run: StandInRun, what: string): Reply {
  if (what === 'cancel') {
    if (run.status === 'completed') {
      const message = 'Cannot cancel a workflow run that is completed.'
      return { status: 409, body: { message } }
    }
    end(run, 'cancelled')
    return { status: 202, body: {} }
  }
  if (what === 'jobs') return { status: 200, body: { total_count: 1, jobs: [jobOf(run)] } }
  goOn(run)
  return { status: 200, body: shape(run) }
}

function jobOf({ done, status, conclusion }: StandInRun) {
  return {
    id: 399_444_496,
    name: 'build',
    status,
    conclusion,
    steps: Array.from({ length: 10 }, (_, index) => ({
      name: `Step ${index + 1}`,
      number: index + 1,
      ...stepAt(index, { done, conclusion }),
    })),
  }
}

function stepAt(
  index: number,
  { done, conclusion }: Pick<StandInRun, 'done' | 'conclusion'>,
): { status: string; conclusion: string | null } {
  if (index < done) return { status: 'completed', conclusion: 'success' }
  return index === done
    ? { status: 'in_progress', conclusion }
    : { status: 'queued', conclusion: null }
}

/** Every read of the run moves it on. */
function goOn(run: StandInRun): void {
  if (run.status === 'queued') {
    run.status = 'in_progress'
  } else if (run.status === 'in_progress' && !['wait', 'progress'].includes(run.name)) {
    end(run, run.name === 'fail' ? 'failure' : 'success')
  }
  run.done = run.ahead.shift() ?? run.done
}

function end(run: StandInRun, conclusion: string): void {
  run.status = 'completed'
  run.conclusion = conclusion
  run.updatedAt = new Date().toISOString()
}

function shape(run: StandInRun) {
  return {
    id: run.id,
    name: run.name,
    display_title: run.title,
    event: 'workflow_dispatch',
    status: run.status,
    conclusion: run.conclusion,
    url: `https://api.github.com/repos/${repository}/actions/runs/${run.id}`,
    html_url: `https://github.com/${repository}/actions/runs/${run.id}`,
    created_at: run.createdAt,
    run_started_at: run.createdAt,
    updated_at: run.updatedAt,
  }
}

function missing(): Reply {
  return { status: 404, body: { message: 'Not Found', status: '404' } }
}
