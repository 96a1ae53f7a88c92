// A GitLab with one project per job, answering in the shapes of its REST API v4. Inputs and variables are kept, so that
// tests see what reached a pipeline.
import { startStandInServer } from '../stand-in-server.ts'
import type { Call, Exchange, Reply, StandInServer } from '../stand-in-server.ts'

/** A pipeline and what only GitLab knows of it. */
export interface StandInPipeline {
  id: number
  project: string
  projectId: number
  status: string
  ref: string
  source: string
  name: string | null
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
  variables: Record<string, string>
  inputs: Record<string, unknown>
  jobs: StandInJob[]
  /** How many of ten jobs later reads will show as done. */
  ahead: number[]
}

interface StandInJob {
  id: number
  name: string
  status: string
  failure_reason: string | null
  allow_failure: boolean
  log: string
}

/** The stand-in and what it was made to do. */
export interface StandIn {
  server: StandInServer
  pipelines: StandInPipeline[]
  release(id: string): void
}

/** What the stand-in lets in. */
export const accessToken = 'glpat-canary-access-81'
export const triggerToken = 'glptt-canary-trigger-82'

const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index + 1}\n`).join('')

const printed: Record<string, string> = { succeed: 'done\n', fail: 'no luck\n', lines }

const names = [
  'succeed',
  'fail',
  'wait',
  'progress',
  'lines',
  'echo',
  'strict',
  'two',
  'manual',
  'closed',
]

const strictFile = `spec:
  inputs:
    path:
      description: Folder to clean
    level:
      type: number
      default: 3
    mode:
      default: dry
      options: [dry, wet]
    ticket_run:
      default: ''
---
workflow:
  name: run $[[ inputs.ticket_run ]]
job:
  script: echo
`

/** CI files by project; one without a header declares no inputs. */
const files: Record<string, string> = { strict: strictFile, closed: 'job:\n  script: echo\n' }

/** Starts it on a free port. */
export async function startStandIn(): Promise<StandIn> {
  const pipelines: StandInPipeline[] = []
  const server = await startStandInServer({
    callOf,
    handle: (exchange) => answer(exchange, pipelines),
  })
  return {
    server,
    pipelines,
    release(id) {
      const pipeline = pipelines.find((one) => id === `${one.projectId}:${one.id}`)
      if (pipeline === undefined || pipeline.finishedAt !== null) return
      begin(pipeline)
      end(pipeline, 'success')
    },
  }
}

function callOf({ method, path }: Exchange): Call {
  if (method === 'POST') return path.endsWith('/cancel') ? 'cancel' : 'launch'
  if (path.endsWith('/trace')) return 'output'
  if (path.endsWith('/pipelines')) return 'find'
  if (path === '/api/v4/projects') return 'describe'
  return /\/pipelines\/\d+(?:\/jobs)?$/.test(path) ? 'status' : 'other'
}

function answer(exchange: Exchange, pipelines: StandInPipeline[]): Reply {
  const { headers, path, method } = exchange
  const isTrigger = method === 'POST' && path.endsWith('/trigger/pipeline')
  if (!isTrigger && headers['authorization'] !== `Bearer ${accessToken}`) {
    return { status: 401, body: { message: '401 Unauthorized' } }
  }
  if (path === '/api/v4/version')
    return ok({ version: '18.5.2', revision: 'abc', enterprise: false })
  if (path === '/api/v4/personal_access_tokens/self') {
    return ok({ id: 1, scopes: ['api'], expires_at: '2027-06-01', active: true, revoked: false })
  }
  if (path === '/api/v4/projects') {
    const search = exchange.query.get('search') ?? ''
    return ok(names.map(projectOf).filter((one) => one.path_with_namespace.includes(search)))
  }
  const match = /^\/api\/v4\/projects\/(?<project>ops\/[a-z]+|\d+)(?<rest>\/.*)?$/.exec(path)
  const project = match?.groups?.['project'] ?? ''
  const name = names[Number(project) - 1] ?? project.replace('ops/', '')
  if (!names.includes(name)) return missing('404 Project Not Found')
  return ofProject(name, { exchange, rest: match?.groups?.['rest'] ?? '', pipelines })
}

function ofProject(
  name: string,
  asked: { exchange: Exchange; rest: string; pipelines: StandInPipeline[] },
): Reply {
  const { exchange, rest, pipelines } = asked
  const { method, query } = exchange
  if (rest === '') return ok(projectOf(name))
  if (rest.startsWith('/repository/commits/')) {
    return rest.endsWith('/main') ? ok({ id: 'a1b2' }) : missing('404 Commit Not Found')
  }
  if (rest.startsWith('/repository/files/')) {
    const file = files[name]
    return file === undefined ? missing('404 File Not Found') : { status: 200, body: file }
  }
  if (method === 'POST' && /^\/(?:trigger\/)?pipeline$/.test(rest)) {
    return launch(name, exchange, pipelines)
  }
  if (rest === '/pipelines') {
    const after = Date.parse(query.get('created_after') ?? '')
    const found = pipelines
      .filter((one) => one.project === name && one.source === query.get('source'))
      .filter(({ createdAt }) => !(Date.parse(createdAt) < after))
    // The list of old versions leaves names out.
    return ok(
      found
        .map(shape)
        .toReversed()
        .slice(0, Number(query.get('per_page'))),
    )
  }
  const [, kind, id, what] = rest.split('/')
  if (kind === 'jobs') return traceOf(Number(id), pipelines)
  const pipeline = pipelines.find((one) => one.id === Number(id) && one.project === name)
  if (kind !== 'pipelines' || pipeline === undefined) return missing('404 Not Found')
  return ofPipeline(pipeline, what ?? '')
}

function ofPipeline(pipeline: StandInPipeline, what: string): Reply {
  switch (what) {
    case 'variables':
      return ok(
        Object.entries(pipeline.variables).map(([key, value]) => ({
          variable_type: 'env_var',
          key,
          value,
        })),
      )
    case 'jobs':
      begin(pipeline)
      return ok(pipeline.jobs.map(({ log: _log, ...job }) => job).toReversed())
    case 'cancel':
      if (pipeline.finishedAt === null) end(pipeline, 'canceled')
      return ok(shape(pipeline))
    default:
      goOn(pipeline)
      return ok(shape(pipeline))
  }
}

function launch(name: string, exchange: Exchange, pipelines: StandInPipeline[]): Reply {
  // The driver sends JSON of one of these two shapes.
  const body = JSON.parse(exchange.body) as {
    token?: string
    ref: string
    variables: { key: string; value: string }[] | Record<string, string>
    inputs?: Record<string, unknown>
  }
  const isTrigger = exchange.path.endsWith('/trigger/pipeline')
  if (isTrigger && body.token !== triggerToken) return missing('404 Not Found')
  if (body.ref !== 'main') {
    return { status: 400, body: { message: { base: ['Reference not found'] } } }
  }
  const id = pipelines.length + 61
  const variables = Array.isArray(body.variables)
    ? Object.fromEntries(body.variables.map(({ key, value }) => [key, value]))
    : body.variables
  const pipeline: StandInPipeline = {
    id,
    project: name,
    projectId: names.indexOf(name) + 1,
    status: 'created',
    ref: body.ref,
    source: isTrigger ? 'trigger' : 'api',
    name: name === 'strict' ? `run ${String(body.inputs?.['ticket_run'])}` : null,
    createdAt: new Date().toISOString(),
    startedAt: null,
    finishedAt: null,
    variables,
    inputs: body.inputs ?? {},
    jobs: jobsOf(name, id),
    ahead: name === 'progress' ? [1, 6, 3, 9] : [],
  }
  pipelines.push(pipeline)
  return { status: 201, body: shape(pipeline) }
}

function jobsOf(name: string, id: number): StandInJob[] {
  const counts: Record<string, number> = { progress: 10, two: 2 }
  return Array.from({ length: counts[name] ?? 1 }, (_, index) => ({
    id: id * 100 + index,
    name: index === 0 ? 'run' : `run ${index + 1}`,
    status: 'created',
    failure_reason: null,
    allow_failure: false,
    log: '',
  }))
}

function traceOf(id: number, pipelines: StandInPipeline[]): Reply {
  const pipeline = pipelines.find(({ jobs }) => jobs.some((job) => job.id === id))
  const job = pipeline?.jobs.find((one) => one.id === id)
  if (pipeline === undefined || job === undefined) return missing('404 Not found')
  begin(pipeline)
  return { status: 200, body: job.log }
}

function begin(pipeline: StandInPipeline): void {
  if (pipeline.startedAt !== null) return
  const { project } = pipeline
  pipeline.status = project === 'manual' ? 'manual' : 'running'
  pipeline.startedAt = new Date().toISOString()
  for (const job of pipeline.jobs) {
    job.status = pipeline.status
    job.log = printed[project] ?? (project === 'two' ? `log of ${job.name}\n` : 'waiting\n')
  }
}

/** Every read of the pipeline moves it on. */
function goOn(pipeline: StandInPipeline): void {
  if (pipeline.startedAt === null) {
    begin(pipeline)
  } else if (
    pipeline.finishedAt === null &&
    !['wait', 'progress', 'manual'].includes(pipeline.project)
  ) {
    end(pipeline, pipeline.project === 'fail' ? 'failed' : 'success')
  }
  const done = pipeline.ahead.shift()
  if (done === undefined) return
  for (const [index, job] of pipeline.jobs.entries()) {
    job.status = index < done ? 'success' : 'running'
  }
}

function end(pipeline: StandInPipeline, word: string): void {
  pipeline.status = word
  pipeline.startedAt ??= new Date().toISOString()
  pipeline.finishedAt = new Date().toISOString()
  for (const job of pipeline.jobs) {
    job.status = word
    if (word === 'failed') job.failure_reason = 'script_failure'
  }
}

function shape(pipeline: StandInPipeline): Record<string, unknown> {
  const { id, projectId, status, ref, source, name, createdAt, startedAt, finishedAt } = pipeline
  return {
    id,
    iid: id - 40,
    project_id: projectId,
    name,
    sha: '384c444e840a515b23f21915ee5766b87068a70d',
    ref,
    status,
    source,
    created_at: createdAt,
    updated_at: finishedAt ?? startedAt ?? createdAt,
    web_url: `https://gitlab.example.com/ops/${pipeline.project}/-/pipelines/${id}`,
    before_sha: '0000000000000000000000000000000000000000',
    tag: false,
    yaml_errors: null,
    started_at: startedAt,
    finished_at: finishedAt,
    duration: null,
    queued_duration: 0.01,
  }
}

function projectOf(name: string) {
  return {
    id: names.indexOf(name) + 1,
    description: `Project ${name}`,
    path_with_namespace: `ops/${name}`,
    default_branch: 'main',
    // Of the others, the file is in another project.
    ci_config_path: name in files ? null : 'jobs.yml@ops/ci',
    ci_pipeline_variables_minimum_override_role: name === 'two' ? 'no_one_allowed' : 'developer',
  }
}

function ok(body: unknown): Reply {
  return { status: 200, body }
}

function missing(message: string): Reply {
  return { status: 404, body: { message } }
}
