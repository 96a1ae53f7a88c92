// A Jenkins to drive over loopback: jobs in folders, a queue that forgets, builds, console, crumbs. It answers as core
// 2.5xx does (ParameterizedJobMixIn, ParametersDefinitionProperty, Queue, LargeText, pipeline-rest-api); time passes by
// being asked: an item is built when it is looked at a second time.
import { createHash } from 'node:crypto'

import { startStandInServer } from '../stand-in-server.ts'
import type { Call, Exchange, Reply, StandInServer } from '../stand-in-server.ts'
import { standInJobs } from './jobs.ts'
import type { StandInJob } from './jobs.ts'
import { treeOf } from './tree.ts'

/** An item of the queue, and the build it becomes. */
export interface StandInItem {
  id: number
  job: StandInJob
  values: Record<string, string | boolean>
  /** How often it was looked at. */
  looks: number
  state: 'waiting' | 'cancelled' | 'left'
  build: StandInBuild | null
}

/** A build. */
export interface StandInBuild {
  number: number
  queueId: number
  job: StandInJob
  values: Record<string, string | boolean>
  looks: number
  /** Null while it runs. */
  result: string | null
  /** Archiving after the build proper. */
  postProduction: boolean
  timestamp: number
  duration: number
  log: Buffer
  released: boolean
}

/** A Jenkins stand-in. */
export interface JenkinsStandIn {
  server: StandInServer
  user: string
  secret: string
  items: readonly StandInItem[]
  builds: StandInBuild[]
  /** Jobs wait in the queue until executors are there again. */
  setExecutors(there: boolean): void
  /** Items that left the queue are forgotten, as after five minutes. */
  forget(): void
  /** The session ends: crumbs that were given are no good any more. */
  endSession(): void
  /** Milliseconds by which Jenkins' clock is ahead of ours. */
  setClock(aheadMs: number): void
}

/** Password = crumbs are needed; token = they are not. */
export async function startJenkins(login: 'token' | 'password' = 'token'): Promise<JenkinsStandIn> {
  const state = createState(login)
  const server = await startStandInServer({ handle: (exchange) => handle(state, exchange), callOf })
  return {
    server,
    user: state.user,
    secret: state.secret,
    items: state.items,
    builds: state.builds,
    setExecutors: (there) => void (state.executors = there),
    forget: () => void (state.forgotten = state.items.filter((item) => item.state !== 'waiting')),
    endSession: () => void state.session++,
    setClock: (aheadMs) => void (state.aheadMs = aheadMs),
  }
}

interface State {
  login: 'token' | 'password'
  user: string
  secret: string
  jobs: StandInJob[]
  items: StandInItem[]
  builds: StandInBuild[]
  forgotten: StandInItem[]
  executors: boolean
  session: number
  aheadMs: number
}

function createState(login: 'token' | 'password'): State {
  return {
    login,
    user: 'ticket-automation',
    secret: login === 'token' ? '11f0c2d7e8a94b5c9d3e2f1a0b9c8d7e6f' : 'pässword "of" Jenkins',
    jobs: standInJobs(),
    items: [],
    builds: [],
    forgotten: [],
    executors: true,
    session: 1,
    aheadMs: 0,
  }
}

function callOf({ method, path }: Exchange): Call {
  if (/\/build(WithParameters)?$/.test(path)) return 'launch'
  if (/\/stop$|\/cancelItem$/.test(path)) return 'cancel'
  if (path.includes('/logText/')) return 'output'
  if (/^\/queue\/item\/|\/\d+\/(api\/json|wfapi\/describe)$/.test(path)) return 'status'
  if (path === '/queue/api/json') return 'find'
  return method === 'GET' && path.startsWith('/job/') ? 'describe' : 'other'
}

function handle(state: State, exchange: Exchange): Reply {
  const reply = isKnown(state, exchange)
    ? route(state, exchange)
    : { status: 401, body: page('Unauthorized') }
  const headers = {
    'x-jenkins': '2.541.3',
    date: new Date(Date.now() + state.aheadMs).toUTCString(),
    ...reply.headers,
  }
  return { ...reply, headers }
}

function isKnown(state: State, { headers }: Exchange): boolean {
  const expected = Buffer.from(`${state.user}:${state.secret}`).toString('base64')
  return headers['authorization'] === `Basic ${expected}`
}

function route(state: State, exchange: Exchange): Reply {
  const { method, path } = exchange
  if (method === 'POST' && !hasCrumb(state, exchange)) {
    return { status: 403, body: page('No valid crumb was included in the request') }
  }
  if (path === '/whoAmI/api/json')
    return json({ name: state.user, anonymous: false, authenticated: true })
  if (path === '/crumbIssuer/api/json') return crumbOf(state)
  if (path === '/api/json') return json(treeOf({ jobs: folderOf(state.jobs, '') }, exchange.query))
  if (path.startsWith('/queue/')) return queue(state, exchange)
  return path.startsWith('/job/') ? jobPage(state, exchange) : notFound
}

const notFound: Reply = { status: 404, body: page('Not Found') }

function crumbOf(state: State): Reply {
  const crumb = createHash('sha256').update(`crumb ${state.session}`).digest('hex')
  const body = {
    _class: 'hudson.security.csrf.DefaultCrumbIssuer',
    crumb,
    crumbRequestField: 'Jenkins-Crumb',
  }
  return {
    status: 200,
    body,
    headers: { 'set-cookie': `JSESSIONID=node${state.session}; Path=/; HttpOnly` },
  }
}

/** API tokens need none (ApiCrumbExclusion). */
function hasCrumb(state: State, { headers }: Exchange): boolean {
  if (state.login === 'token') return true
  const crumb = createHash('sha256').update(`crumb ${state.session}`).digest('hex')
  return (
    headers['jenkins-crumb'] === crumb && headers['cookie'] === `JSESSIONID=node${state.session}`
  )
}

function queue(state: State, { method, path, query, body }: Exchange): Reply {
  if (path === '/queue/api/json') {
    const waiting = state.items.filter((item) => item.state === 'waiting')
    const items = waiting.map(itemOf)
    for (const item of waiting) lookAt(state, item)
    return json(treeOf({ items }, query))
  }
  if (method === 'POST' && path === '/queue/cancelItem') {
    const item = known(state, Number(new URLSearchParams(body).get('id')))
    if (item?.state !== 'waiting') return notFound
    item.state = 'cancelled'
    return { status: 204 }
  }
  const item = known(state, Number(/^\/queue\/item\/(\d+)\/api\/json$/.exec(path)?.[1]))
  if (item === undefined) return notFound
  const shown = itemOf(item)
  lookAt(state, item)
  return json(treeOf(shown, query))
}

function known(state: State, id: number): StandInItem | undefined {
  return state.items.find((item) => item.id === id && !state.forgotten.includes(item))
}

/** An executor takes an item when it was seen waiting. */
function lookAt(state: State, item: StandInItem): void {
  item.looks++
  if (item.state !== 'waiting' || item.looks < 2 || !state.executors) return
  const { job, values } = item
  const number = state.builds.filter((build) => build.job === job).length + 1
  item.state = 'left'
  item.build = {
    number,
    queueId: item.id,
    job,
    values,
    looks: 0,
    result: null,
    postProduction: false,
    timestamp: Date.now() + state.aheadMs,
    duration: 0,
    log: Buffer.from(job.behaviour === 'wait' ? 'waiting\n' : ''),
    released: false,
  }
  state.builds.unshift(item.build)
}

function itemOf(item: StandInItem): Record<string, unknown> {
  const classes = { waiting: 'BuildableItem', cancelled: 'LeftItem', left: 'LeftItem' } as const
  return {
    _class: `hudson.model.Queue$${classes[item.state]}`,
    actions: [parametersOf(item), { causes: [{ _class: 'hudson.model.Cause$UserIdCause' }] }],
    id: item.id,
    stuck: false,
    why: item.state === 'waiting' ? 'Waiting for next available executor' : null,
    ...(item.state === 'waiting' ? {} : { cancelled: item.state === 'cancelled' }),
    ...(item.build === null ? {} : { executable: { number: item.build.number } }),
  }
}

/** Values of passwords are not told. */
function parametersOf({
  job,
  values,
}: Pick<StandInItem, 'job' | 'values'>): Record<string, unknown> {
  return {
    _class: 'hudson.model.ParametersAction',
    parameters: Object.entries(values).map(([name, value]) =>
      job.parameters[name]?.type === 'PasswordParameterDefinition' ? { name } : { name, value },
    ),
  }
}

function jobPage(state: State, exchange: Exchange): Reply {
  const found = jobAt(state, exchange.path)
  if (found === null) return notFound
  const { job, rest } = found
  if (rest === '/api/json') return json(treeOf(jobOf(state, job), exchange.query))
  if (rest === '/build' || rest === '/buildWithParameters') return launch(state, job, exchange)
  const [, number, page = ''] = /^\/(\d+)(\/.*)$/.exec(rest) ?? []
  const build = state.builds.find((one) => one.job === job && one.number === Number(number))
  return build === undefined ? notFound : buildPage(build, page, exchange)
}

/** Names in paths were decoded once: a slash of a branch still stands as %2F. */
function jobAt(state: State, path: string): { job: StandInJob; rest: string } | null {
  const places = state.jobs.map((job) => ({
    job,
    place: job.fullName
      .split('/')
      .map((part) => `/job/${part}`)
      .join(''),
  }))
  const found = places.find(({ place }) => path.startsWith(`${place}/`))
  return found === undefined ? null : { job: found.job, rest: path.slice(found.place.length) }
}

function jobOf(state: State, job: StandInJob): Record<string, unknown> {
  return {
    ...itemOfFolder(job),
    allBuilds: state.builds.filter((build) => build.job === job).map(buildOf),
  }
}

function itemOfFolder(job: StandInJob): Record<string, unknown> {
  const definitions = Object.entries(job.parameters).map(([name, parameter]) => ({
    _class: `hudson.model.${parameter.type}`,
    name,
    type: parameter.type,
    description: '',
    ...(parameter.choices === undefined ? {} : { choices: parameter.choices }),
    defaultParameterValue: { value: parameter.default ?? parameter.choices?.[0] },
  }))
  return {
    _class:
      job.behaviour === 'pipeline'
        ? 'org.jenkinsci.plugins.workflow.job.WorkflowJob'
        : 'hudson.model.FreeStyleProject',
    fullName: job.fullName,
    description: job.description,
    buildable: job.buildable,
    property: [{}, ...(definitions.length === 0 ? [] : [{ parameterDefinitions: definitions }])],
  }
}

/** What is directly in a folder. */
function folderOf(jobs: readonly StandInJob[], prefix: string): Record<string, unknown>[] {
  const names = jobs
    .filter(({ fullName }) => fullName.startsWith(prefix))
    .map(({ fullName }) => fullName.slice(prefix.length))
  const folders = new Set(
    names.filter((name) => name.includes('/')).map((name) => name.split('/')[0]),
  )
  return [
    ...[...folders].map((name) => ({
      _class: 'com.cloudbees.hudson.plugins.folder.Folder',
      fullName: `${prefix}${name}`,
      property: [{}],
      jobs: folderOf(jobs, `${prefix}${name}/`),
    })),
    ...jobs
      .filter(
        ({ fullName }) =>
          fullName.startsWith(prefix) && !fullName.slice(prefix.length).includes('/'),
      )
      .map(itemOfFolder),
  ]
}

/** Undeclared parameters are dropped; the same waiting item is shared (303). */
function launch(state: State, job: StandInJob, { path, body }: Exchange): Reply {
  if (!job.buildable) return { status: 409, body: page(`${job.fullName} is not buildable`) }
  const form = new URLSearchParams(body)
  const declared = Object.entries(job.parameters)
  if (path.endsWith('WithParameters') && declared.length === 0) {
    return { status: 400, body: page(`${job.fullName} is not parameterized`) }
  }
  const values: StandInItem['values'] = {}
  for (const [name, { type, choices, default: usual }] of declared) {
    const given = form.get(name)
    if (given !== null && choices !== undefined && !choices.includes(given)) {
      return { status: 500, body: page(`Illegal choice for parameter ${name}: ${given}`) }
    }
    if (given === null && type === 'FileParameterDefinition') continue
    const value = given ?? usual ?? choices?.[0] ?? ''
    values[name] =
      type === 'BooleanParameterDefinition' ? String(value).toLowerCase() === 'true' : value
  }
  const same = state.items.find(
    (item) =>
      item.state === 'waiting' &&
      item.job === job &&
      JSON.stringify(item.values) === JSON.stringify(values),
  )
  const item = same ?? {
    id: 100 + state.items.length,
    job,
    values,
    looks: 0,
    state: 'waiting' as const,
    build: null,
  }
  if (same === undefined) state.items.push(item)
  const shares = same !== undefined && path.endsWith('WithParameters')
  return {
    status: shares ? 303 : 201,
    headers: { location: `http://jenkins.example.com/queue/item/${item.id}/` },
  }
}

function buildPage(build: StandInBuild, rest: string, exchange: Exchange): Reply {
  const { method, query } = exchange
  if (rest === '/api/json') {
    const shown = treeOf(buildOf(build), query)
    goOn(build)
    return json(shown)
  }
  if (rest === '/wfapi/describe') {
    return build.job.behaviour === 'pipeline' ? json(stagesOf(build)) : notFound
  }
  if (rest === '/logText/progressiveText') return consoleOf(build, Number(query.get('start') ?? 0))
  if (method === 'POST' && rest === '/stop') {
    if (build.result === null) end(build, 'ABORTED')
    return {
      status: 302,
      headers: { location: `http://jenkins.example.com/job/x/${build.number}/` },
    }
  }
  return notFound
}

function buildOf(build: StandInBuild): Record<string, unknown> {
  const runs = build.result === null
  return {
    _class:
      build.job.behaviour === 'pipeline'
        ? 'org.jenkinsci.plugins.workflow.job.WorkflowRun'
        : 'hudson.model.FreeStyleBuild',
    actions: [
      { causes: [{ shortDescription: 'Started by user Ticket Automation' }] },
      parametersOf(build),
      {},
      null,
    ],
    building: runs,
    inProgress: runs || build.postProduction,
    duration: build.duration,
    estimatedDuration: 120_000,
    number: build.number,
    queueId: build.queueId,
    result: build.result,
    timestamp: build.timestamp,
  }
}

/** Stages begin one after the other; those to come are not told. */
function stagesOf(build: StandInBuild): Record<string, unknown> {
  const names = ['Prepare', 'Approve', 'Deploy']
  const begun = Math.min(names.length, build.looks)
  const stages = names.slice(0, begun).map((name, index) => ({
    id: String(index + 5),
    name,
    status: stageState(build, { name, isLast: index === begun - 1 }),
  }))
  return { id: String(build.number), name: `#${build.number}`, status: 'IN_PROGRESS', stages }
}

function stageState(build: StandInBuild, stage: { name: string; isLast: boolean }): string {
  if (!stage.isLast) return 'SUCCESS'
  if (build.result !== null) return build.result === 'FAILURE' ? 'FAILED' : 'SUCCESS'
  return stage.name === 'Approve' ? 'PAUSED_PENDING_INPUT' : 'IN_PROGRESS'
}

/** A build gets on every time it is looked at. */
function goOn(build: StandInBuild): void {
  build.looks++
  if (build.result !== null) {
    build.postProduction = false
    return
  }
  const { behaviour } = build.job
  if (behaviour === 'wait') {
    if (build.released) end(build, 'SUCCESS')
    return
  }
  if (behaviour === 'pipeline' && build.looks < 5) return
  if (behaviour === 'lines') {
    const first = (build.looks - 1) * 1000
    print(build, Array.from({ length: 1000 }, (_, index) => `line ${first + index + 1}\n`).join(''))
    if (build.looks === 10) end(build, 'SUCCESS')
    return
  }
  const results = {
    fail: 'FAILURE',
    pipeline: 'FAILURE',
    unstable: 'UNSTABLE',
    notBuilt: 'NOT_BUILT',
  }
  const result = behaviour === 'succeed' ? 'SUCCESS' : results[behaviour]
  print(build, result === 'SUCCESS' ? 'done\n' : 'no luck\n')
  end(build, result)
}

function print(build: StandInBuild, text: string): void {
  build.log = Buffer.concat([build.log, Buffer.from(text)])
}

function end(build: StandInBuild, result: string): void {
  build.result = result
  build.duration = 1234
  build.postProduction = result === 'FAILURE'
}

/** Every LF goes as CR LF; a character that is not whole yet is counted but left out (LargeText). */
function consoleOf(build: StandInBuild, start: number): Reply {
  const from = start > build.log.length ? 0 : start
  const text = new TextDecoder().decode(build.log.subarray(from), { stream: true })
  const isOver = build.result !== null && !build.postProduction
  return {
    status: 200,
    headers: {
      'content-type': 'text/plain;charset=utf-8',
      'x-text-size': String(build.log.length),
      ...(isOver ? {} : { 'x-more-data': 'true' }),
    },
    body: text.replaceAll('\n', '\r\n'),
  }
}

function json(body: unknown): Reply {
  return { status: 200, body }
}

function page(text: string): string {
  return `<html><head><title>Jenkins</title></head><body>${text}</body></html>`
}
