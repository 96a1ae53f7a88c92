// Checking, launching and finding jobs of a platform that is described in connector.yaml.
import type {
  Driver,
  LaunchedJob,
  LaunchInDoubt,
  LaunchRequest,
  TemplateProblem,
} from '../driver.ts'
import { answerFacts, badAnswer, readJobId, readText, readUrl, readValue } from './answer.ts'
import { ask, open, refuseStatus } from './ask.ts'
import type { DescribedPlatform } from './ask.ts'
import type { HttpSettings } from './options.ts'
import { refuseLosses, templateProblems } from './parameters.ts'
import type { Facts } from './request.ts'

/** As Driver.check. */
export async function check(
  { settings, carried, http }: DescribedPlatform,
  request: Parameters<Driver['check']>[0],
  signal: AbortSignal,
): Promise<TemplateProblem[]> {
  const problems = templateProblems(settings, carried, request)
  const { lookup } = settings
  if (lookup === undefined || problems.some(({ field }) => field === 'job')) return problems
  const facts = { job: request.job }
  const { answer, target } = await ask(
    http,
    { name: 'lookup', call: lookup, facts: open(facts) },
    signal,
  )
  if (lookup.missing.includes(answer.status)) {
    const hint = 'Use the name of a job that the platform has'
    return [{ field: 'job', reason: `there is no job ${request.job}`, hint }, ...problems]
  }
  refuseStatus(lookup, answer, target)
  return problems
}

/** As Driver.launch. */
export async function launch(
  { settings, carried, http }: DescribedPlatform,
  request: LaunchRequest,
  signal: AbortSignal,
): Promise<LaunchedJob> {
  refuseLosses(settings, carried, request)
  const { token, job, parameters, targets, ticket, requestedBy, timeoutMs, secrets } = request
  const all = {
    token,
    job,
    parameters,
    targets,
    ticket: { table: ticket.table, sys_id: ticket.sysId, number: ticket.number },
    requested_by: requestedBy,
    timeout_ms: timeoutMs,
  }
  const shown = Object.entries(parameters).filter(([name]) => !secrets.includes(name))
  const facts = { all, open: { ...all, parameters: Object.fromEntries(shown) } }
  const call = settings.launch
  const { answer, target } = await ask(http, { name: 'launch', call, facts }, signal)
  if (!call.exists.includes(answer.status)) refuseStatus(call, answer, target)
  const seen = { token, job, ...answerFacts(answer, { format: call.answer, target }) }
  return await jobIn(settings, 'launch', { options: call, seen })
}

async function jobIn(
  settings: HttpSettings,
  name: 'launch' | 'find',
  { options, seen }: { options: { id: string; url?: string | undefined }; seen: Facts },
): Promise<LaunchedJob> {
  const baseUrl = settings.url
  return {
    id: await readJobId(`${name}.id`, options.id, seen),
    url: await readUrl(`${name}.url`, { expression: options.url, baseUrl }, seen),
  }
}

/** As Driver.find. */
export async function find(
  { settings, http }: DescribedPlatform,
  { token, doubt }: { token: string; doubt: LaunchInDoubt | undefined },
  signal: AbortSignal,
): Promise<LaunchedJob | null> {
  const { find: call } = settings
  if (call === undefined) throw badAnswer('connector.yaml has no find for this platform')
  const facts = {
    token,
    ...(doubt === undefined ? {} : { job: doubt.job, since: doubt.at.toISOString() }),
  }
  const { answer, target } = await ask(http, { name: 'find', call, facts: open(facts) }, signal)
  if (call.missing.includes(answer.status)) return null
  refuseStatus(call, answer, target)
  const seen = { ...facts, ...answerFacts(answer, { format: call.answer, target }) }
  const rows = await readValue('find.rows', call.rows, seen)
  for (const row of rowsOf(rows)) {
    const ofRow = { ...seen, row }
    // A filter that the platform ignores gives jobs of others.
    if ((await readText('find.token', call.token, ofRow)) !== token) continue
    return await jobIn(settings, 'find', { options: call, seen: ofRow })
  }
  if (call.more !== undefined && (await readValue('find.more', call.more, seen)) === true) {
    throw badAnswer('find: the job may be among those that the answer left out')
  }
  return null
}

/** JSONata gives one row as itself and none as nothing. */
function rowsOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? value : [value]
}
