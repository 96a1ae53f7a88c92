// Launching, and finding a launch in doubt. Our mark is an extra variable where the template asks for variables, else
// a label. AWX starts a job template also when it ignores part of what was sent: everything is looked at before, and a
// job that was started otherwise than meant is cancelled.
import { ConnectorError, messageOf } from '../../errors.ts'
import type { LaunchedJob, LaunchInDoubt, LaunchRequest } from '../driver.ts'
import { getOne, getPage } from './client.ts'
import type { AwxClient } from './client.ts'
import { extraVarsOf, markVariable } from './extra-vars.ts'
import { readTemplate, startProblems } from './intake.ts'
import type { Template } from './intake.ts'
import { limitOf } from './limit.ts'
import { jobIdOf, jobPath, kindOf } from './reference.ts'
import type { JobKey } from './reference.ts'
import { Job, Label, Launched, readAs, TemplateRow } from './wire.ts'

/** Starts the template once. Rejects with parameters_invalid when AWX would drop something. */
export async function launch(
  client: AwxClient,
  request: LaunchRequest,
  signal: AbortSignal,
): Promise<LaunchedJob> {
  const template = await readTemplate(client, request.job, signal)
  const [problem] = startProblems(template)
  if (problem !== undefined) {
    throw new ConnectorError('parameters_invalid', `${problem.reason}. ${problem.hint}`)
  }
  const body = await bodyOf(client, { template, request }, signal)
  const path = `${template.path}/launch/`
  const secrets = secretValues(request)
  const answer = await client.http.json({ method: 'POST', path, body, secrets, signal })
  const launched = readAs(Launched, answer, `POST ${path}`)
  const key = keyOf(launched)
  if (key === null) {
    const text = `POST ${path}: the answer names no job`
    throw new ConnectorError('platform_bad_answer', text, { retryable: true })
  }
  const ignored = Object.keys(launched.ignored_fields)
  if (ignored.length > 0) throw await undone(client, { key, launched, ignored }, signal)
  return { id: jobIdOf(key), url: client.jobUrl(key) }
}

function keyOf({ job, workflow_job: workflow }: Launched): JobKey | null {
  if (workflow !== undefined) return { kind: 'workflow', number: workflow }
  return job === undefined ? null : { kind: 'job', number: job }
}

function secretValues({ secrets, parameters }: LaunchRequest): string[] {
  return secrets.map((name) => String(parameters[name] ?? ''))
}

async function bodyOf(
  client: AwxClient,
  launch: { template: Template; request: LaunchRequest },
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const { template, request } = launch
  const { form } = template
  const extraVars = extraVarsOf(template, request)
  const body: Record<string, unknown> = {}
  if (request.targets.length > 0) {
    body['limit'] = await limitOf(client, { form, targets: request.targets }, signal)
  }
  // AWX ends the job then, also when no connector is there to do it.
  if (form.ask_timeout_on_launch) body['timeout'] = Math.ceil(request.timeoutMs / 1000)
  if (form.ask_variables_on_launch) {
    body['extra_vars'] = { ...extraVars, [markVariable]: markOf(request) }
    return body
  }
  const ours = await labelOf(client, { template, token: request.token }, signal)
  // Labels given at a launch take the place of the template's own.
  body['labels'] = [...form.defaults.labels.map(({ id }) => id), ours]
  body['extra_vars'] = extraVars
  return body
}

function markOf({ token, ticket, requestedBy }: LaunchRequest): Record<string, string> {
  const { table, sysId, number } = ticket
  return { run: token, table, sys_id: sysId, number, requested_by: requestedBy }
}

function labelName(token: string): string {
  return `ticket-automation-${token}`
}

/** Makes the label of this launch in the template's organization; a try before may have made it. */
async function labelOf(
  client: AwxClient,
  mark: { template: Template; token: string },
  signal: AbortSignal,
): Promise<number> {
  const name = labelName(mark.token)
  const known = await getPage(client, { path: '/labels', query: { name }, signal }, Label)
  const found = known.rows.find((row) => row.name === name)
  if (found !== undefined) return found.id
  const { organization } = await getOne(client, { path: mark.template.path, signal }, TemplateRow)
  if (organization === null || organization === undefined) {
    throw new ConnectorError(
      'parameters_invalid',
      'a template without an organization can have no label of ours: tick "Prompt on launch" of Variables (ask_variables_on_launch)',
    )
  }
  const body = { name, organization }
  const answer = await client.http.json({ method: 'POST', path: '/labels/', body, signal })
  return readAs(Label, answer, 'POST /labels/').id
}

/** AWX started the job without what it ignored: ends it, and says what to change. */
async function undone(
  client: AwxClient,
  wrong: { key: JobKey; launched: Launched; ignored: readonly string[] },
  signal: AbortSignal,
): Promise<ConnectorError> {
  const { key, launched, ignored } = wrong
  const names = ignored.flatMap((field) => namesOf(field, launched.ignored_fields[field]))
  const settings = ignored.map((field) => settingOf(field)).join(', ')
  const what = `AWX started job ${key.number} without ${names.join(', ')}`
  const fix = `Tick "Prompt on launch" of it on the template (${settings}), or add a survey question`
  const ended = await cancelled(client, key, signal)
  return new ConnectorError('parameters_invalid', `${what}; ${ended}. ${fix}`)
}

function namesOf(field: string, value: unknown): string[] {
  if (field !== 'extra_vars' || typeof value !== 'object' || value === null) return [field]
  return Object.keys(value)
}

function settingOf(field: string): string {
  const special: Record<string, string> = {
    extra_vars: 'ask_variables_on_launch',
    job_tags: 'ask_tags_on_launch',
    credentials: 'ask_credential_on_launch',
  }
  return special[field] ?? `ask_${field}_on_launch`
}

async function cancelled(client: AwxClient, key: JobKey, signal: AbortSignal): Promise<string> {
  const path = `${jobPath(key)}/cancel/`
  try {
    const { status } = await client.http.send({ method: 'POST', path, signal })
    if (status === 202) return 'it was cancelled'
    if (status === 405) return 'it has already ended'
    return `it could not be cancelled (${status}): cancel it by hand`
  } catch (error) {
    return `it could not be cancelled (${messageOf(error)}): cancel it by hand`
  }
}

/** How far before the launch jobs are looked at, beside what the clocks differ. */
const windowBeforeMs = 600_000

/** Without the time of the launch. */
const longestDoubtMs = 86_400_000

/** Rows hold all extra variables, so pages are small. */
const pageSize = 25
const mostPages = 400

/** The job that carries our token, or null when there is none for certain. */
export async function find(
  client: AwxClient,
  doubt: { token: string; launch: LaunchInDoubt | undefined },
  signal: AbortSignal,
): Promise<LaunchedJob | null> {
  const { token } = doubt
  const labelled = { labels__name: labelName(token), order_by: 'id' }
  const byLabel = await getPage(client, { path: '/unified_jobs', query: labelled, signal }, Job)
  // The parts of a sliced job carry the mark of the whole.
  const found = byLabel.rows.find(({ launch_type: type }) => type !== 'workflow')
  const job = found ?? (await findByVariable(client, doubt, signal))
  const kind = job === null ? null : kindOf(job.type)
  if (job === null || kind === null) return null
  const key = { kind, number: job.id }
  return { id: jobIdOf(key), url: client.jobUrl(key) }
}

/** AWX refuses to filter by extra variables: those of all jobs of that time are compared. */
async function findByVariable(
  client: AwxClient,
  doubt: { token: string; launch: LaunchInDoubt | undefined },
  signal: AbortSignal,
): Promise<Job | null> {
  const since = await startOfSearch(client, doubt.launch, signal)
  for (let page = 1; page <= mostPages; page++) {
    const query = {
      created__gte: since.toISOString(),
      launch_type: 'manual',
      order_by: 'id',
      page_size: String(pageSize),
      page: String(page),
    }
    const { rows, more } = await getPage(client, { path: '/unified_jobs', query, signal }, Job)
    const found = rows.find((row) => tokenIn(row) === doubt.token)
    if (found !== undefined) return found
    if (!more) return null
  }
  const text = `AWX has more than ${mostPages * pageSize} jobs since the launch: not all were compared`
  throw new ConnectorError('platform_error', text, { retryable: true })
}

/** Before the launch by AWX's own clock, which its answers tell. */
async function startOfSearch(
  client: AwxClient,
  launch: LaunchInDoubt | undefined,
  signal: AbortSignal,
): Promise<Date> {
  const at = launch?.at.getTime() ?? Date.now() - longestDoubtMs
  const answer = await client.http.send({ method: 'GET', path: '/ping/', signal })
  const theirs = Date.parse(answer.headers['date'] ?? '')
  const ahead = Number.isNaN(theirs) ? 0 : theirs - Date.now()
  return new Date(at + ahead - windowBeforeMs)
}

function tokenIn({ extra_vars: text }: Job): string | null {
  if (!text.includes(markVariable)) return null
  try {
    const vars: unknown = JSON.parse(text)
    if (typeof vars !== 'object' || vars === null || !(markVariable in vars)) return null
    const mark = vars[markVariable]
    if (typeof mark !== 'object' || mark === null || !('run' in mark)) return null
    return typeof mark.run === 'string' ? mark.run : null
  } catch {
    // AWX stores JSON; what is not was not launched by us.
    return null
  }
}
