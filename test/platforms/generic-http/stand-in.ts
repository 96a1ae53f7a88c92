// A small job API of nobody in particular, as companies write them: executions with a status word and a percentage,
// a log read by offset, a cancel that always says 200.
import { startStandInServer } from '../stand-in-server.ts'
import type { Call, Exchange, Reply, StandInServer } from '../stand-in-server.ts'

/** One execution. */
export interface Execution {
  execution_id: string
  key: string
  job: string
  status: string
  progress: number
  start_time: string | null
  end_time: string | null
  error_message: string
  exit_code: number | null
  parameters: Record<string, unknown>
  targets: string[]
  log: string
  /** Percentages that later reads will show. */
  ahead: number[]
}

/** The stand-in and what it was made to do. */
export interface StandIn {
  server: StandInServer
  executions: Execution[]
  release(id: string): void
}

/** The token that the API wants. */
export const apiToken = 'generic-token-canary-73'

const lines = Array.from({ length: 10_000 }, (_, index) => `line ${index + 1}\n`).join('')

const known = ['succeed', 'fail', 'wait', 'progress', 'lines', 'echo', 'strict', 'closed']

/** Starts it on a free port. */
export async function startStandIn(): Promise<StandIn> {
  const executions: Execution[] = []
  const server = await startStandInServer({
    callOf,
    handle: (exchange) => answer(exchange, executions),
  })
  return {
    server,
    executions,
    release(id) {
      const execution = executions.find((one) => one.execution_id === id)
      if (execution === undefined || execution.end_time !== null) return
      begin(execution)
      execution.log += 'released\n'
      end(execution, 'success', 0)
    },
  }
}

function callOf({ method, path }: Exchange): Call {
  if (/^\/api\/jobs\/[^/]+\/executions$/.test(path)) return 'launch'
  if (path === '/api/executions') return 'find'
  if (path.endsWith('/cancel')) return 'cancel'
  if (path.includes('/log')) return 'output'
  return method === 'GET' && path.startsWith('/api/executions/') ? 'status' : 'other'
}

function answer(exchange: Exchange, executions: Execution[]): Reply {
  const { method, path, query, headers } = exchange
  if (headers['authorization'] !== `Bearer ${apiToken}`) return { status: 401, body: 'no' }
  const [, , kind = '', name = '', what = ''] = path.split('/')
  if (kind === 'health') return { status: 200, body: { version: '7.2' } }
  if (kind === 'jobs') {
    if (!known.includes(name)) return { status: 404, body: { error: 'no such job' } }
    if (method === 'GET') return { status: 200, body: { name } }
    return launch(name, exchange, executions)
  }
  if (name === '') {
    const items = executions.filter(({ key }) => key === query.get('key'))
    return { status: 200, body: { items, total: items.length } }
  }
  const execution = executions.find(({ execution_id }) => execution_id === name)
  if (execution === undefined) return { status: 404, body: { error: 'no such execution' } }
  return ofOne(execution, { what, query })
}

function launch(job: string, exchange: Exchange, executions: Execution[]): Reply {
  // The driver sends JSON with these names (options of the test).
  const body = JSON.parse(exchange.body) as {
    key: string
    parameters: Record<string, unknown>
    targets: string[]
  }
  const before = executions.find(({ key }) => key === body.key)
  if (before !== undefined) return { status: 409, body: { execution_id: before.execution_id } }
  const execution: Execution = {
    execution_id: `run-${executions.length + 1}`,
    key: body.key,
    job,
    status: 'pending',
    progress: 0,
    start_time: null,
    end_time: null,
    error_message: '',
    exit_code: null,
    parameters: body.parameters,
    targets: body.targets,
    log: '',
    ahead: job === 'progress' ? [10, 60, 30, 90] : [],
  }
  executions.push(execution)
  const { execution_id } = execution
  return { status: 201, body: { execution_id, page: `/runs/${execution_id}` } }
}

function ofOne(execution: Execution, asked: { what: string; query: URLSearchParams }): Reply {
  const { log } = execution
  switch (asked.what) {
    case '':
      goOn(execution)
      return { status: 200, body: execution }
    case 'cancel':
      if (execution.end_time === null) end(execution, 'cancelled', null)
      return { status: 200, body: { status: execution.status } }
    case 'log.txt':
      begin(execution)
      return { status: 200, body: execution.log }
    default: {
      begin(execution)
      const offset = Number(asked.query.get('offset'))
      const text = execution.log.slice(offset)
      return { status: 200, body: { text, next: Math.max(log.length, execution.log.length) } }
    }
  }
}

function begin(execution: Execution): void {
  if (execution.status !== 'pending') return
  execution.status = 'running'
  execution.start_time = new Date().toISOString()
  const printed: Record<string, string> = {
    succeed: 'done\n',
    fail: 'no luck\n',
    wait: 'waiting\n',
    lines,
  }
  execution.log = printed[execution.job] ?? ''
}

/** Every read of the status moves it on. */
function goOn(execution: Execution): void {
  const { job } = execution
  if (execution.status === 'pending') begin(execution)
  else if (execution.end_time !== null) return
  else if (job === 'fail') {
    execution.error_message = 'no luck'
    end(execution, 'failed', 3)
  } else if (!['wait', 'progress'].includes(job)) end(execution, 'success', 0)
  execution.progress = execution.ahead.shift() ?? execution.progress
}

function end(execution: Execution, status: string, exitCode: number | null): void {
  execution.status = status
  execution.exit_code = exitCode
  execution.start_time ??= new Date().toISOString()
  execution.end_time = new Date().toISOString()
}
