// A StackStorm to drive over loopback: actions, executions, traces, output. It answers as st2api 3.9 does
// (actionexecutions.py, traces.py, action_views.py); an execution gets on every time it is looked at.
import { createHash } from 'node:crypto'

import { startStandInServer } from '../stand-in-server.ts'
import type { Call, Exchange, Reply, StandInServer } from '../stand-in-server.ts'

/** How an execution behaves. */
type Behaviour = 'succeed' | 'fail' | 'wait' | 'lines' | 'workflow' | 'inquiry'

interface StandInAction {
  ref: string
  enabled: boolean
  behaviour: Behaviour
  parameters: Record<string, Record<string, unknown>>
}

/** An execution as StackStorm keeps it. */
export interface StandInExecution {
  id: string
  action: StandInAction
  /** As the action got them: templates are rendered. */
  parameters: Record<string, unknown>
  tag: string
  status: string
  looks: number
  start: Date
  end: Date | null
  log: string
  released: boolean
}

/** A StackStorm stand-in. */
export interface StackstormStandIn {
  server: StandInServer
  apiKey: string
  executions: StandInExecution[]
}

const text = { type: 'string', default: '' }

const echoed: StandInAction['parameters'] = {
  ...Object.fromEntries(
    'command quotes lines right_to_left emoji option empty controls progress long'
      .split(' ')
      .map((name) => [name, text]),
  ),
  count: { type: 'integer' },
  ratio: { type: 'number' },
  yes: { type: 'boolean' },
  no: { type: 'boolean' },
  password: { type: 'string', secret: true },
}

const typed: StandInAction['parameters'] = {
  host: { type: 'string', required: true, description: 'Where' },
  region: { type: 'string', enum: ['eu', 'us'], default: 'eu' },
  attempts: { type: 'integer', default: 3 },
  key: { type: 'string', secret: true },
  sudo: { type: 'boolean', immutable: true, default: true },
  tags: { type: 'array' },
}

const actions: StandInAction[] = [
  action('demo.succeed', 'succeed'),
  action('demo.fail', 'fail'),
  action('demo.wait', 'wait'),
  action('demo.lines', 'lines'),
  action('demo.workflow', 'workflow'),
  action('demo.inquiry', 'inquiry'),
  action('demo.echo', 'succeed', echoed),
  action('demo.typed', 'succeed', typed),
  { ...action('demo.off', 'succeed'), enabled: false },
]

function action(
  ref: string,
  behaviour: Behaviour,
  parameters: StandInAction['parameters'] = {},
): StandInAction {
  return { ref, enabled: true, behaviour, parameters }
}

/** Starts one. */
export async function startStackstorm(): Promise<StackstormStandIn> {
  const stackstorm = {
    apiKey: 'ZTk0MjBmODM4YjE0NGFhNjk1M2U0MzY0OTQ1YmFkMTM',
    executions: [] as StandInExecution[],
  }
  const server = await startStandInServer({
    handle: (exchange) => handle(stackstorm, exchange),
    callOf,
  })
  return { server, ...stackstorm }
}

function callOf({ method, path }: Exchange): Call {
  if (path === '/api/v1/executions' && method === 'POST') return 'launch'
  if (method === 'DELETE') return 'cancel'
  if (path === '/api/v1/traces') return 'find'
  if (path.endsWith('/output')) return 'output'
  if (path.startsWith('/api/v1/executions')) return 'status'
  return path.startsWith('/api/v1/actions') ? 'describe' : 'other'
}

type State = Pick<StackstormStandIn, 'apiKey' | 'executions'>

function handle(state: State, exchange: Exchange): Reply {
  const { method, path, query, headers } = exchange
  if (headers['st2-api-key'] !== state.apiKey) return fault(401, 'Unauthorized - Invalid API key')
  if (path === '/api/v1/')
    return json({ version: '3.9.0', docs_url: 'http://docs.stackstorm.com/3.9' })
  if (path === '/api/v1/user')
    return json({ username: 'ticket-automation', rbac: { enabled: false } })
  if (path.startsWith('/api/v1/actions')) return actionPage(path, query)
  if (path === '/api/v1/traces') return json(tracesOf(state, query.get('trace_tag') ?? ''))
  if (path === '/api/v1/executions' && method === 'POST') return launch(state, exchange.body)
  if (path === '/api/v1/executions') {
    const offset = Number(query.get('offset') ?? 0)
    return json(state.executions.slice(offset, offset + 100).map(look))
  }
  const [, id, page = ''] = /^\/api\/v1\/executions\/([^/]+)(\/.*)?$/.exec(path) ?? []
  const execution = state.executions.find((one) => one.id === id)
  if (execution === undefined) return fault(404, 'Unable to identify resource with id')
  if (method === 'DELETE') return cancel(execution)
  if (page === '/output') return { status: 200, body: execution.log }
  if (page === '/children') return json(childrenOf(execution))
  return query.get('include_attributes') === 'result'
    ? json({ id, result: resultOf(execution) })
    : json(look(execution))
}

function actionPage(path: string, query: URLSearchParams): Reply {
  if (path === '/api/v1/actions') {
    const offset = Number(query.get('offset') ?? 0)
    return json(actions.slice(offset, offset + Number(query.get('limit') ?? 100)))
  }
  const found = actions.find(({ ref }) => path.endsWith(`/${ref}`))
  if (found === undefined) return fault(404, 'Resource with a reference or id not found')
  if (!path.includes('/views/parameters/')) return json(found)
  const runner = { timeout: { type: 'integer', default: 60 } }
  return json({ parameters: { ...runner, ...found.parameters } })
}

/** Traces of workflows hold the executions of their tasks as well. */
function tracesOf({ executions }: State, tag: string): unknown[] {
  return executions
    .filter((one) => one.tag === tag)
    .map(({ id }) => ({ trace_tag: tag, action_executions: [{ object_id: id }] }))
}

/** Bodies are what the driver sends. */
interface Request {
  action: string
  parameters: Record<string, unknown>
  context?: { trace_context?: { trace_tag?: string } }
}

function launch(state: State, body: string): Reply {
  const { action: ref, parameters, context } = JSON.parse(body) as Request
  const found = actions.find((one) => one.ref === ref)
  if (found === undefined) return fault(400, `Action "${ref}" cannot be found.`)
  if (!found.enabled) return fault(400, `Unable to execute. Action "${ref}" is disabled.`)
  const unknown = Object.keys(parameters).find((name) => found.parameters[name] === undefined)
  if (unknown !== undefined) {
    return fault(400, `Additional properties are not allowed ('${unknown}' was unexpected)`)
  }
  const seed = `${state.executions.length} ${ref}`
  const execution: StandInExecution = {
    id: createHash('sha256').update(seed).digest('hex').slice(0, 24),
    action: found,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, render(value)]),
    ),
    tag: context?.trace_context?.trace_tag ?? `execution-${seed}`,
    status: 'requested',
    looks: 0,
    start: new Date(),
    end: null,
    log: found.behaviour === 'wait' ? 'waiting\n' : '',
    released: false,
  }
  state.executions.unshift(execution)
  return { status: 201, body: executionOf(execution) }
}

/** As Jinja does it, for a template that is one string; any other one shows that something was run. */
function render(value: unknown): unknown {
  if (typeof value !== 'string' || !/\{\{|\{%/.test(value)) return value
  const literal = /^\{\{ ("(?:[^"\\]|\\.)*") \}\}$/su.exec(value)?.[1]
  return literal === undefined ? 'a template was run' : JSON.parse(literal)
}

function executionOf(execution: StandInExecution): Record<string, unknown> {
  const { action: ran, tag, start, end } = execution
  return {
    id: execution.id,
    status: execution.status,
    start_timestamp: start.toISOString().replace('Z', '000Z'),
    ...(end === null ? {} : { end_timestamp: end.toISOString().replace('Z', '000Z') }),
    action: { ref: ran.ref },
    runner: { name: ran.behaviour === 'workflow' ? 'orquesta' : 'local-shell-cmd' },
    context: { user: 'ticket-automation', pack: 'demo', trace_context: { trace_tag: tag } },
    liveaction: { id: execution.id.replace(/^./, '0') },
  }
}

function look(execution: StandInExecution): Record<string, unknown> {
  const shown = executionOf(execution)
  goOn(execution)
  return shown
}

function goOn(execution: StandInExecution): void {
  const { behaviour } = execution.action
  if (execution.end !== null) return
  if (execution.status === 'canceling') return end(execution, 'canceled')
  execution.looks++
  if (execution.looks === 1) {
    execution.status = behaviour === 'inquiry' ? 'pending' : 'running'
    return
  }
  if (behaviour === 'lines') {
    const first = (execution.looks - 2) * 1000
    const lines = Array.from({ length: 1000 }, (_, index) => `line ${first + index + 1}\n`)
    execution.log += lines.join('')
    if (execution.looks === 11) end(execution, 'succeeded')
    return
  }
  if (behaviour === 'wait' || behaviour === 'inquiry') {
    if (execution.released) end(execution, 'succeeded')
    return
  }
  if (behaviour === 'workflow' && execution.looks < 4) return
  execution.log += behaviour === 'fail' ? 'no luck\n' : 'done\n'
  end(execution, behaviour === 'fail' ? 'failed' : 'succeeded')
}

function end(execution: StandInExecution, status: string): void {
  execution.status = status
  execution.end = new Date()
}

function childrenOf({ action: ran, looks }: StandInExecution): unknown[] {
  if (ran.behaviour !== 'workflow') return []
  const states = looks < 3 ? ['running'] : ['succeeded', 'running']
  return states.map((status, index) => ({
    id: String(index).repeat(24),
    status,
    parent: 'x',
    context: { orquesta: { task_name: index === 0 ? 'drain' : 'restart' } },
  }))
}

function resultOf({ status, action: ran }: StandInExecution): unknown {
  if (ran.behaviour === 'workflow') return { output: null, errors: [] }
  const failed = status === 'failed'
  return {
    failed,
    succeeded: !failed,
    return_code: failed ? 3 : 0,
    stdout: failed ? '' : 'done',
    stderr: failed ? 'first\nno luck' : '',
  }
}

/** A finished one is refused with a 200. */
function cancel(execution: StandInExecution): Reply {
  if (execution.status === 'canceled') return json(executionOf(execution))
  if (execution.end !== null) {
    return fault(200, `Action cannot be canceled. State = ${execution.status}.`)
  }
  execution.status = 'canceling'
  return json(executionOf(execution))
}

function json(body: unknown): Reply {
  return { status: 200, body }
}

function fault(status: number, faultstring: string): Reply {
  return { status, body: { faultstring } }
}
