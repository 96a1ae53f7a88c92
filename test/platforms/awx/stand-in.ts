// A small AWX: what its serializers and views do with a launch, in the shapes of recorded/ (source: ansible/awx 24.6).
import { startStandInServer } from '../stand-in-server.ts'
import type { Call, Exchange, Reply, StandInServer } from '../stand-in-server.ts'
import { detailRow, linksTo, listRow, recorded, recordedEvents } from './job-rows.ts'
import type { Behaviour, StandInJob, StandInTemplate } from './job-rows.ts'
import { checkSurvey } from './survey.ts'

/** The stand-in. */
export interface AwxStandIn {
  server: StandInServer
  token: string
  apiPath: string
  jobs: Map<number, StandInJob>
  labels: Map<number, { name: string; organization: number }>
  templates: StandInTemplate[]
  hosts: { name: string; enabled: boolean }[]
  /** Nodes of every workflow job. */
  nodes: Record<string, unknown>[]
  /** Failed events of every job that fails. */
  failures: Record<string, unknown>[]
  /** How far the clock is ahead, in milliseconds. */
  clockAheadMs: number
  end(id: number, status: string): void
}

const notFound: Reply = { status: 404, body: { detail: 'Not found.' } }

/** Starts a stand-in with these templates. */
export async function startAwxStandIn(
  templates: StandInTemplate[],
  options: { apiPath?: string; firstId?: number } = {},
): Promise<AwxStandIn> {
  const apiPath = options.apiPath ?? '/api/v2'
  let nextId = options.firstId ?? 100
  const server = await startStandInServer({
    handle: (exchange) => handle(awx, exchange, () => nextId++),
    callOf: (exchange) => callOf(exchange),
  })
  const awx: AwxStandIn = {
    server,
    token: 'awx-token-canary-7713',
    apiPath,
    jobs: new Map(),
    labels: new Map([[1, { name: 'alex label', organization: 1 }]]),
    templates,
    hosts: ['db01', 'web-2.example.com', 'Web3'].map((name) => ({ name, enabled: true })),
    nodes: [],
    failures: [],
    clockAheadMs: 0,
    end(id, status) {
      const job = awx.jobs.get(id)
      if (job === undefined) throw new Error(`no job ${id}`)
      finish(awx, job, status)
    },
  }
  return awx
}

function callOf({ method, path, query }: Exchange): Call {
  if (method === 'POST' && path.endsWith('/launch/')) return 'launch'
  if (method === 'POST' && path.endsWith('/cancel/')) return 'cancel'
  if (path.endsWith('/stdout/')) return 'output'
  if (path.endsWith('/unified_jobs/')) return query.has('id__in') ? 'status' : 'find'
  if (/\/(jobs|workflow_jobs)\/\d+\/$/.test(path)) return 'status'
  if (/\/(job_templates|workflow_job_templates)\/$/.test(path)) return 'describe'
  return 'other'
}

async function handle(awx: AwxStandIn, exchange: Exchange, id: () => number): Promise<Reply> {
  const reply = answer(awx, exchange, id)
  const date = new Date(Date.now() + awx.clockAheadMs).toUTCString()
  const headers = { date, 'x-api-product-name': 'AWX', 'x-api-product-version': '24.6.1' }
  return { ...reply, headers: { ...headers, ...reply.headers } }
}

function answer(awx: AwxStandIn, exchange: Exchange, id: () => number): Reply {
  const { path, headers } = exchange
  if (!path.startsWith(`${awx.apiPath}/`) || !path.endsWith('/')) return notFound
  const parts = path.slice(awx.apiPath.length + 1, -1).split('/')
  const [collection = '', key = '', action = ''] = parts
  if (collection === 'ping') return { status: 200, body: { ha: false, version: '24.6.1' } }
  if (headers['authorization'] !== `Bearer ${awx.token}`) {
    return { status: 401, body: { detail: 'Authentication credentials were not provided.' } }
  }
  switch (collection) {
    case 'me':
      return page([{ id: 1, type: 'user', username: 'ticket-automation' }], exchange)
    case 'labels':
      return labels(awx, exchange, id)
    case 'inventories':
      return hosts(awx, exchange)
    case 'unified_jobs':
      return unifiedJobs(awx, exchange)
    case 'job_templates':
    case 'workflow_job_templates': {
      const kind = collection === 'job_templates' ? 'job' : 'workflow'
      return templates(awx, { exchange, kind, key, action, id })
    }
    case 'jobs':
    case 'workflow_jobs':
      return jobs(awx, {
        exchange,
        type: collection === 'jobs' ? 'job' : 'workflow_job',
        key,
        action,
      })
    default:
      return notFound
  }
}

function page(rows: unknown[], { query, path }: Exchange): Reply {
  const size = Number(query.get('page_size') ?? 25)
  const number = Number(query.get('page') ?? 1)
  const results = rows.slice((number - 1) * size, number * size)
  const next = number * size < rows.length ? `${path}?page=${number + 1}` : null
  return { status: 200, body: { count: rows.length, next, previous: null, results } }
}

function labels(awx: AwxStandIn, exchange: Exchange, id: () => number): Reply {
  const rows = [...awx.labels].map(([number, label]) => ({ id: number, type: 'label', ...label }))
  if (exchange.method === 'GET') {
    return page(
      rows.filter(({ name }) => name === exchange.query.get('name')),
      exchange,
    )
  }
  const { name, organization } = JSON.parse(exchange.body)
  if (rows.some((row) => row.name === name && row.organization === organization)) {
    const text = 'Label with this Name and Organization already exists.'
    return { status: 400, body: { __all__: [text] } }
  }
  const number = id()
  awx.labels.set(number, { name, organization })
  return { status: 201, body: { id: number, type: 'label', name, organization } }
}

function hosts(awx: AwxStandIn, exchange: Exchange): Reply {
  const wanted = exchange.query.getAll('or__name__iexact').map((name) => name.toLowerCase())
  const rows = awx.hosts.filter(({ name }) => wanted.includes(name.toLowerCase()))
  return page(
    rows.map((host, index) => ({ id: index + 1, type: 'host', ...host })),
    exchange,
  )
}

function unifiedJobs(awx: AwxStandIn, exchange: Exchange): Reply {
  const { query } = exchange
  if ([...query.keys()].some((name) => name.startsWith('extra_vars'))) {
    return { status: 403, body: { detail: 'Filtering on extra_vars is not allowed.' } }
  }
  const ids = query.get('id__in')?.split(',').map(Number)
  const label = query.get('labels__name')
  const since = query.get('created__gte')
  const launchType = query.get('launch_type')
  const rows = [...awx.jobs.values()].filter((job) => {
    return (
      (ids === undefined || ids.includes(job.id)) &&
      (label === null || job.labels.some((id) => awx.labels.get(id)?.name === label)) &&
      (since === null || job.created >= new Date(since)) &&
      (launchType === null || job.launchType === launchType)
    )
  })
  if (ids !== undefined) for (const job of rows) step(awx, job)
  return page(
    rows.map((job) => listRow(job)),
    exchange,
  )
}

interface TemplateRequest {
  exchange: Exchange
  kind: 'job' | 'workflow'
  key: string
  action: string
  id: () => number
}

function templates(awx: AwxStandIn, request: TemplateRequest): Reply {
  const { exchange, kind, key, action } = request
  const all = awx.templates.filter((template) => template.kind === kind)
  if (key === '') {
    const search = exchange.query.get('name__icontains')?.toLowerCase() ?? ''
    const exact = exchange.query.get('name')
    const found = all.filter(({ name }) => {
      return name.toLowerCase().includes(search) && (exact === null || name === exact)
    })
    return page(found.map(templateRow), exchange)
  }
  const template = all.find(({ id, name, organization }) => {
    return key === String(id) || key === `${name}++${organization === null ? '' : 'Default'}`
  })
  if (template === undefined) return notFound
  if (action === '') return { status: 200, body: templateRow(template) }
  if (action === 'survey_spec') {
    const spec = template.survey
    return { status: 200, body: spec === undefined ? {} : { name: '', description: '', spec } }
  }
  if (action !== 'launch') return notFound
  if (exchange.method === 'GET') return { status: 200, body: launchForm(template) }
  return launch(awx, template, { body: JSON.parse(exchange.body), id: request.id })
}

function templateRow(template: StandInTemplate): Record<string, unknown> {
  const { id, kind, name, organization = 1, survey } = template
  const shape = recorded(kind === 'job' ? 'job-template' : 'workflow-job-template')
  return {
    ...shape,
    related: linksTo(shape, `${kind === 'job' ? '' : 'workflow_'}job_templates/${id}`),
    ...asked(template),
    id,
    name,
    organization,
    survey_enabled: survey !== undefined,
  }
}

function asked({ ask }: StandInTemplate): Record<string, boolean> {
  return Object.fromEntries(ask.map((field) => [`ask_${field}_on_launch`, true]))
}

function launchForm(template: StandInTemplate): Record<string, unknown> {
  const { id, kind, name, survey, inventory = 1, form = {} } = template
  const shape = recorded(kind === 'job' ? 'job-template-launch' : 'workflow-job-template-launch')
  // Both forms have this object.
  const defaults = shape['defaults'] as Record<string, unknown>
  return {
    ...shape,
    ...asked(template),
    [kind === 'job' ? 'job_template_data' : 'workflow_job_template_data']: {
      id,
      name,
      description: '',
    },
    defaults: {
      ...defaults,
      inventory: { id: inventory, name: inventory === null ? null : 'Demo' },
    },
    survey_enabled: survey !== undefined,
    variables_needed_to_start: (survey ?? []).flatMap(({ required, variable }) =>
      required ? [variable] : [],
    ),
    ...form,
  }
}

/** Fields of a launch and the prompts that let them in (get_ask_mapping). */
const prompts = { limit: 'limit', labels: 'labels', timeout: 'timeout', job_tags: 'tags' } as const

function launch(
  awx: AwxStandIn,
  template: StandInTemplate,
  request: { body: Record<string, unknown>; id: () => number },
): Reply {
  const { body } = request
  // Sent as an object by our driver.
  const given = (body['extra_vars'] ?? {}) as Record<string, unknown>
  const survey = checkSurvey(template.survey ?? [], given)
  if (survey.errors.length > 0) {
    return { status: 400, body: { variables_needed_to_start: survey.errors } }
  }
  const asksVariables = template.ask.includes('variables')
  const extraVars = asksVariables ? given : survey.accepted
  const dropped = Object.entries(given).filter(([name]) => !(name in extraVars))
  const ignored: Record<string, unknown> = {}
  if (dropped.length > 0) ignored['extra_vars'] = Object.fromEntries(dropped)
  for (const [field, prompt] of Object.entries(prompts)) {
    if (body[field] !== undefined && !template.ask.includes(prompt)) ignored[field] = body[field]
  }
  if (template.kind === 'workflow' && Object.keys(ignored).length > 0) {
    const text = 'Field is not configured to prompt on launch.'
    return {
      status: 400,
      body: Object.fromEntries(Object.keys(ignored).map((name) => [name, text])),
    }
  }
  const type = template.kind === 'workflow' || template.sliced === true ? 'workflow_job' : 'job'
  const job = newJob(awx, { id: request.id(), template, type, extraVars, body, ignored })
  if (template.sliced === true) {
    newJob(awx, { id: request.id(), template, type: 'job', extraVars, body, ignored }).launchType =
      'workflow'
  }
  const answer = { [type]: job.id, ignored_fields: ignored, ...detailRow(job) }
  const location = `${awx.apiPath}/${type}s/${job.id}/`
  return { status: 201, headers: { location }, body: answer }
}

function newJob(
  awx: AwxStandIn,
  made: Pick<StandInJob, 'id' | 'template' | 'type' | 'extraVars'> & {
    body: Record<string, unknown>
    ignored: Record<string, unknown>
  },
): StandInJob {
  const { body, ignored, ...rest } = made
  const job: StandInJob = {
    ...rest,
    launchType: 'manual',
    status: 'pending',
    created: new Date(Date.now() + awx.clockAheadMs),
    started: null,
    finished: null,
    limit: 'limit' in ignored || typeof body['limit'] !== 'string' ? '' : body['limit'],
    timeout: Number(body['timeout'] ?? 0),
    // Numbers of labels.
    labels: 'labels' in ignored ? [] : ((body['labels'] ?? []) as number[]),
    stdout: '',
    storing: false,
    explanation: '',
  }
  awx.jobs.set(job.id, job)
  return job
}

/** Every look at its state brings a job on: that way nothing depends on time. */
function step(awx: AwxStandIn, job: StandInJob): void {
  const { behaviour } = job.template
  if (job.status === 'canceling') return finish(awx, job, 'canceled')
  if (job.status === 'pending') {
    job.status = 'running'
    job.started = new Date()
    if (behaviour === 'wait') job.stdout = 'waiting\n'
    return
  }
  if (job.status !== 'running' || behaviour === 'wait') return
  finish(awx, job, behaviour === 'fail' ? 'failed' : 'successful')
}

const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index + 1}\n`).join('')
const printed: Record<Behaviour, string> = {
  succeed: '\u001B[0;32mdone\u001B[0m\n',
  fail: 'no luck\n',
  wait: 'waiting\n',
  lines,
  large: 'Größe 🙂 of a line\n'.repeat(80_000),
}

function finish(_awx: AwxStandIn, job: StandInJob, status: string): void {
  job.status = status
  job.started ??= new Date()
  job.finished = new Date()
  job.stdout = printed[job.template.behaviour]
}

const mostShown = 1_048_576

// eslint-disable-next-line no-control-regex -- what AWX takes out of a download
const colours = /\u001B[^m]*m/g

function jobs(
  awx: AwxStandIn,
  request: { exchange: Exchange; type: StandInJob['type']; key: string; action: string },
): Reply {
  const { exchange, type, key, action } = request
  if (key === '') return jobList(awx, type, exchange)
  const job = awx.jobs.get(Number(key))
  if (job === undefined || job.type !== type) return notFound
  switch (action) {
    case '':
      // Our driver looks at the list; other clients at this page, until it says that the job is over.
      if (job.finished === null) step(awx, job)
      return { status: 200, body: detailRow(job) }
    case 'cancel':
      return cancel(job, exchange)
    case 'stdout':
      return stdout(awx, job, exchange)
    case 'job_events':
      return events(awx, job, exchange)
    case 'workflow_nodes':
      return page(awx.nodes, exchange)
    default:
      return notFound
  }
}

function jobList(awx: AwxStandIn, type: StandInJob['type'], exchange: Exchange): Reply {
  const id = exchange.query.get('id')
  const rows = [...awx.jobs.values()].filter((job) => {
    return job.type === type && (id === null || job.id === Number(id))
  })
  return page(rows.map(listRow), exchange)
}

function cancel(job: StandInJob, { method }: Exchange): Reply {
  const canCancel = job.finished === null
  if (method === 'GET') return { status: 200, body: { can_cancel: canCancel } }
  if (!canCancel) return { status: 405, body: { detail: 'Method "POST" not allowed.' } }
  job.status = 'canceling'
  return { status: 202 }
}

function stdout(awx: AwxStandIn, job: StandInJob, { query }: Exchange): Reply {
  const format = query.get('format')
  if (job.status === 'pending') step(awx, job)
  if (format === 'txt_download') return { status: 200, body: job.stdout.replaceAll(colours, '') }
  if (format !== 'json') return { status: 406 }
  const size = Buffer.byteLength(job.stdout)
  if (size > mostShown) {
    const content = `Standard Output too large to display (${size} bytes), only download supported for sizes over ${mostShown} bytes.`
    return { status: 200, body: { range: { start: 0, end: 1, absolute_end: 1 }, content } }
  }
  const all = job.stdout.match(/[^\n]*\n/g) ?? []
  const start = Number(query.get('start_line') ?? 0)
  const range = { start, end: all.length, absolute_end: all.length }
  return { status: 200, body: { range, content: all.slice(start).join('') } }
}

function events(awx: AwxStandIn, job: StandInJob, exchange: Exchange): Reply {
  const wanted = exchange.query.get('event__in')?.split(',') ?? [exchange.query.get('event')]
  const [task = {}] = recordedEvents()
  const all = job.template.behaviour === 'fail' ? [task, ...awx.failures] : [task]
  return page(
    all.filter(({ event }) => wanted.includes(String(event))),
    exchange,
  )
}
