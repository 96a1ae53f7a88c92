// A stand-in for Rundeck: jobs, executions with steps, nodes and logs, and the API over them in the shapes that its
// documentation and source give (docs/api, ApiService, ExecutionController). No code of Rundeck's.
import { stringify } from 'yaml'

import type { Call, Exchange, Reply, StandInServer } from '../stand-in-server.ts'
import { startStandInServer } from '../stand-in-server.ts'
import { end, nodesOf, project, run, shown, stateOf } from './executions.ts'
import type { RunBody, StandInExecution, StandInJob } from './executions.ts'

/** The stand-in. */
export interface RundeckStandIn {
  server: StandInServer
  jobs: Map<string, StandInJob>
  nodes: string[]
  executions: StandInExecution[]
  /** The newest version of the API that is spoken. */
  speaks: number
  token: string
  /** Why an abort of what runs achieves nothing; null = it achieves the end. */
  abortFails: string | null
  /** The token may not list what runs, or read about the system. */
  forbidden: Set<'running' | 'system' | 'executions'>
  passive: boolean
  run(job: StandInJob, body: RunBody): StandInExecution
  end(execution: StandInExecution, status: string): void
}

/** Starts it with these jobs. */
export async function startRundeck(jobs: readonly StandInJob[]): Promise<RundeckStandIn> {
  const executions: StandInExecution[] = []
  const rundeck: Omit<RundeckStandIn, 'server'> = {
    jobs: new Map(jobs.map((job) => [job.uuid, job])),
    nodes: ['localhost', 'DB01', 'db02', 'web-2.example.com'],
    executions,
    speaks: 59,
    token: 'rundeck-token-5f2c91',
    abortFails: null,
    forbidden: new Set(),
    passive: false,
    run: (job, body) => run(executions, job, { body, nodes: rundeck.nodes }),
    end,
  }
  const server = await startStandInServer({
    handle: (exchange) => handle(rundeck, exchange),
    callOf,
  })
  return Object.assign(rundeck, { server })
}

function callOf({ method, path }: Exchange): Call {
  const rest = path.replace(/^\/api\/\d+/, '')
  if (method === 'POST' && rest.endsWith('/run')) return 'launch'
  if (rest.endsWith('/abort')) return 'cancel'
  if (rest.endsWith('/output')) return 'output'
  if (/^\/job\/[^/]+\/executions$/.test(rest)) return 'find'
  if (/^\/execution\/[^/]+$/.test(rest) || rest.endsWith('/executions/running')) return 'status'
  return /^\/job\/|\/jobs/.test(rest) ? 'describe' : 'other'
}

type Rundeck = Omit<RundeckStandIn, 'server'>

function handle(rundeck: Rundeck, exchange: Exchange): Reply {
  const [, version = '', rest = ''] = /^\/api\/(\d+)(\/.*)$/.exec(exchange.path) ?? []
  if (exchange.headers['x-rundeck-auth-token'] !== rundeck.token) {
    return refusal(403, 'unauthorized', `(unauthenticated) is not authorized for: ${exchange.path}`)
  }
  if (Number(version) > rundeck.speaks || Number(version) < 14) {
    const message = `Unsupported API Version "${version}". API Request: ${exchange.path}.`
    return refusal(400, 'api.error.api-version.unsupported', message, rundeck.speaks)
  }
  for (const [method, pattern, route] of routes) {
    const match = method === exchange.method ? pattern.exec(rest) : null
    if (match !== null) {
      return route({ rundeck, exchange, id: match[1] ?? '', version: Number(version) })
    }
  }
  return refusal(404, 'api.error.invalid.request', `no such endpoint: ${rest}`)
}

interface Asked {
  rundeck: Rundeck
  exchange: Exchange
  id: string
  version: number
}

const routes: [string, RegExp, (asked: Asked) => Reply][] = [
  ['POST', /^\/job\/([^/]+)\/run$/, answerRun],
  ['GET', /^\/job\/([^/]+)\/info$/, answerInfo],
  ['GET', /^\/job\/([^/]+)\/executions$/, answerExecutions],
  ['GET', /^\/job\/([^/]+)$/, answerDefinition],
  ['GET', /^\/execution\/([^/]+)$/, ({ rundeck, id }) => withExecution(rundeck, id, shown)],
  [
    'GET',
    /^\/execution\/([^/]+)\/state$/,
    ({ rundeck, id }) => withExecution(rundeck, id, stateOf),
  ],
  ['GET', /^\/execution\/([^/]+)\/output$/, answerOutput],
  ['POST', /^\/execution\/([^/]+)\/abort$/, answerAbort],
  // Older clients.
  ['GET', /^\/execution\/([^/]+)\/abort$/, answerAbort],
  ['GET', /^\/project\/\*\/executions\/running$/, answerRunning],
  ['GET', /^\/projects$/, () => ok([{ name: project, description: '', url: 'http://rundeck/x' }])],
  ['GET', /^\/project\/ops\/jobs$/, answerJobs],
  ['GET', /^\/project\/ops\/jobs\/export$/, answerExport],
  ['GET', /^\/project\/ops\/resources$/, answerNodes],
  ['GET', /^\/system\/info$/, answerSystem],
]

function ok(body: unknown): Reply {
  return { status: 200, body }
}

function refusal(status: number, errorCode: string, message: string, apiversion = 59): Reply {
  return { status, body: { error: true, apiversion, errorCode, message } }
}

function withJob(rundeck: Rundeck, id: string, answer: (job: StandInJob) => Reply): Reply {
  const job = rundeck.jobs.get(id)
  if (job !== undefined) return answer(job)
  return refusal(404, 'api.error.item.doesnotexist', `Job ID does not exist: ${id}`)
}

function withExecution(
  rundeck: Rundeck,
  id: string,
  answer: (execution: StandInExecution) => unknown,
): Reply {
  const execution = rundeck.executions.find((one) => String(one.id) === id)
  if (execution !== undefined) return ok(answer(execution))
  return refusal(404, 'api.error.item.doesnotexist', `Execution ID does not exist: ${id}`)
}

function answerRun({ rundeck, exchange, id }: Asked): Reply {
  return withJob(rundeck, id, (job) => {
    // The test's driver sends what RunBody says.
    const body = JSON.parse(exchange.body) as RunBody
    const isRunning = rundeck.executions.some((one) => one.job === job && one.endedAt === null)
    if (job.multiple === false && isRunning) {
      const message = `Execution had a conflict: Job "${job.name}" {{Job ${id}}}: Limit of running executions has been reached.`
      return refusal(409, 'api.error.execution.conflict', message)
    }
    const invalid = invalidOption(job, body.options ?? {})
    if (invalid !== null) {
      const message = `Job options were not valid: ${invalid}`
      return refusal(400, 'api.error.job.options-invalid', message)
    }
    if (job.enabled === false) return refusal(400, 'api.error.job.disabled', 'disabled')
    return ok({ ...shown(rundeck.run(job, body)), status: 'running' })
  })
}

/** Rundeck's sentence repeats the value. */
function invalidOption(job: StandInJob, given: Record<string, unknown>): string | null {
  for (const { name, required, regex } of job.options) {
    const value = typeof given[name] === 'string' ? given[name] : ''
    if (required === true && value === '') return `Option '${name}' is required.`
    if (typeof regex === 'string' && !new RegExp(`^(?:${regex})$`).test(value)) {
      return `Option '${name}' doesn't match regular expression ${regex}, value: ${value}`
    }
  }
  return null
}

/** Places in a log are bytes of its file; any unit does. */
const unit = 41

function answerOutput({ rundeck, exchange, id }: Asked): Reply {
  return withExecution(rundeck, id, (execution) => {
    const { endedAt, log } = execution
    const from = Number(exchange.query.get('offset') ?? 0) / unit
    const isLate = endedAt !== null && execution.lateReads > 0
    if (isLate) execution.lateReads--
    const there = isLate ? Math.max(0, log.length - 1) : log.length
    const to = Math.min(there, from + Number(exchange.query.get('maxlines') ?? 5000))
    const isCompacted = exchange.query.get('compacted') === 'true'
    return {
      id,
      offset: String(to * unit),
      completed: endedAt !== null && to === log.length,
      execCompleted: endedAt !== null,
      hasFailedNodes: execution.failedNodes.length > 0,
      execState: execution.status,
      lastModified: String(execution.startedAt),
      execDuration: 1,
      percentLoaded: 100,
      totalSize: log.length * unit,
      retryBackoff: 0,
      clusterExec: false,
      compacted: isCompacted,
      ...(isCompacted ? { compactedAttr: 'log' } : {}),
      entries: log.slice(from, to).map((line, index, lines) => {
        const entry = { time: '10:00:00', level: 'NORMAL', log: line, node: 'localhost' }
        if (!isCompacted || index === 0) return entry
        return line === lines[index - 1] ? {} : line
      }),
    }
  })
}

function answerAbort({ rundeck, id }: Asked): Reply {
  return withExecution(rundeck, id, (execution) => {
    const reason = execution.endedAt === null ? rundeck.abortFails : 'Job is not running'
    const before = execution.status
    if (reason === null) {
      execution.abortedby = 'svc-tickets'
      end(execution, 'aborted')
    }
    return {
      abort: reason === null ? { status: 'pending' } : { status: 'failed', reason },
      execution: { id, status: before, href: `http://rundeck.test/api/59/execution/${id}` },
    }
  })
}

function forbiddenReply(what: string): Reply {
  const message = `Not authorized for action "Read" for ${what}`
  return refusal(403, 'api.error.item.unauthorized', message)
}

function answerRunning({ rundeck, exchange }: Asked): Reply {
  if (rundeck.forbidden.has('running')) return forbiddenReply('Events')
  return page(exchange, rundeck.executions.filter(({ endedAt }) => endedAt === null).toReversed())
}

/** Sorted by the end, the latest first; those without one last, as some databases do. */
function answerExecutions({ rundeck, exchange, id }: Asked): Reply {
  if (rundeck.forbidden.has('executions')) return forbiddenReply('Events in Project ops')
  return withJob(rundeck, id, (job) => {
    const status = exchange.query.get('status')
    const own = rundeck.executions.filter((one) => one.job === job)
    const wanted = status === null ? own : own.filter((one) => one.status === status)
    return page(
      exchange,
      wanted.toSorted((a, b) => (b.endedAt ?? 0) - (a.endedAt ?? 0) || b.id - a.id),
    )
  })
}

function page({ query }: Exchange, all: readonly StandInExecution[]): Reply {
  const offset = Number(query.get('offset') ?? 0)
  const max = Number(query.get('max') ?? 20)
  const executions = all.slice(offset, offset + max).map((one) => shown(one))
  const paging = { count: executions.length, total: all.length, offset, max }
  return ok({ paging, executions })
}

function answerInfo({ rundeck, id }: Asked): Reply {
  return withJob(rundeck, id, (job) =>
    ok({
      id,
      name: job.name,
      group: job.group ?? '',
      project,
      description: '',
      href: `http://rundeck.test/api/59/job/${id}`,
      permalink: `http://rundeck.test/project/${project}/job/show/${id}`,
      scheduled: false,
      scheduleEnabled: true,
      enabled: job.enabled !== false,
      averageDuration: 60_000,
    }),
  )
}

function answerDefinition({ rundeck, exchange, id, version }: Asked): Reply {
  return withJob(rundeck, id, (job) => document(exchange, version, [definitionOf(job)]))
}

function answerJobs({ rundeck, exchange }: Asked): Reply {
  const search = exchange.query.get('jobFilter') ?? ''
  const jobs = [...rundeck.jobs.values()].filter(({ name }) => name.includes(search))
  return ok(jobs.map(({ uuid, name, group = '' }) => ({ id: uuid, name, group, project })))
}

function answerExport({ rundeck, exchange, version }: Asked): Reply {
  const ids = (exchange.query.get('idlist') ?? '').split(',')
  const jobs = [...rundeck.jobs.values()].filter(({ uuid }) => ids.includes(uuid))
  return document(exchange, version, jobs.map(definitionOf))
}

function definitionOf(job: StandInJob) {
  return {
    id: job.uuid,
    uuid: job.uuid,
    name: job.name,
    ...(job.group === undefined ? {} : { group: job.group }),
    description: `What ${job.name} does`,
    loglevel: 'INFO',
    multipleExecutions: job.multiple !== false,
    ...(job.options.length === 0 ? {} : { options: job.options }),
    sequence: {
      keepgoing: false,
      strategy: 'node-first',
      commands: job.steps.map((description) => ({ description, exec: 'true' })),
    },
  }
}

/** JSON from version 44 on. */
function document({ query }: Exchange, version: number, jobs: unknown): Reply {
  const format = query.get('format')
  if (format === 'json' && version >= 44) return ok(jobs)
  if (format !== 'yaml')
    return refusal(415, 'api.error.item.unsupported-format', `format ${format}`)
  return { status: 200, headers: { 'content-type': 'text/yaml' }, body: stringify(jobs) }
}

function answerNodes({ rundeck, exchange }: Asked): Reply {
  const nodes = nodesOf(rundeck.nodes, exchange.query.get('filter') ?? 'name: /.*/')
  return ok(Object.fromEntries(nodes.map((node) => [node, { nodename: node, hostname: node }])))
}

function answerSystem({ rundeck }: Asked): Reply {
  if (rundeck.forbidden.has('system')) return forbiddenReply('System')
  const executions = {
    active: !rundeck.passive,
    executionMode: rundeck.passive ? 'passive' : 'active',
  }
  return ok({
    system: {
      timestamp: { epoch: Date.now(), unit: 'ms', datetime: new Date().toISOString() },
      rundeck: { version: '5.9.0-20250115', build: '5.9.0', apiversion: rundeck.speaks },
      executions,
    },
  })
}
