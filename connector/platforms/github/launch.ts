// Checking, dispatching and finding workflow runs.
import { setTimeout as wait } from 'node:timers/promises'

import { z } from 'zod'

import { ConnectorError } from '../../errors.ts'
import type {
  Driver,
  LaunchedJob,
  LaunchInDoubt,
  LaunchRequest,
  TemplateProblem,
} from '../driver.ts'
import { ask, Dispatched, readReference, Runs } from './client.ts'
import type { Github, JobReference, Run } from './client.ts'
import { readWorkflow, tellsToken, workflowProblems } from './workflow.ts'

/** https://docs.github.com/rest/actions/workflows */
const mostInputs = 25

/** As Driver.check. */
export async function check(
  github: Github,
  request: Parameters<Driver['check']>[0],
  signal: AbortSignal,
): Promise<TemplateProblem[]> {
  const { settings } = github
  const { token_input: tokenInput } = settings
  const { job, parameters } = request
  const reference = readReference(job, settings)
  const workflow = reference && (await readWorkflow(github, reference, signal))
  if (workflow === null) {
    const reason = `there is no workflow ${job}, or the token may not see it`
    const hint = 'Use owner/name/workflow.yml, or owner/name/workflow.yml@branch'
    return [{ field: 'job', reason, hint }]
  }
  const problems = workflowProblems(workflow, parameters, tokenInput)
  if (parameters.length >= mostInputs) {
    const reason = `a workflow takes ${mostInputs} inputs, one of them ${tokenInput}`
    problems.push({ field: 'parameters', reason, hint: 'Put several values into one' })
  }
  if (workflow.inputs === null || tellsToken(workflow, tokenInput)) return problems
  const reason = `the title of a run does not hold the input ${tokenInput}, so a launch could not be found again`
  const hint = `Declare the input ${tokenInput} and set run-name: "\${{ inputs.${tokenInput} }}" in the workflow`
  return [{ field: 'job', reason, hint }, ...problems]
}

/** As Driver.launch. */
export async function launch(
  github: Github,
  request: LaunchRequest,
  signal: AbortSignal,
): Promise<LaunchedJob> {
  const { settings } = github
  const { job, token, parameters } = request
  const reference = readReference(job, settings)
  if (reference === null) throw notFound(job)
  if (request.targets.length > 0) throw noTargets()
  const given = Object.entries(parameters).filter(([, value]) => value !== null)
  const workflow = await readWorkflow(github, reference, signal)
  if (workflow === null) throw notFound(job)
  const declared = given.map(([name]) => ({ name, type: 'string', required: false }) as const)
  const [problem] = workflowProblems(workflow, declared, settings.token_input)
  if (problem !== undefined) {
    throw new ConnectorError('parameters_invalid', `${problem.reason}. ${problem.hint}`)
  }
  const tokens =
    workflow.inputs?.has(settings.token_input) === true ? [[settings.token_input, token]] : []
  const inputs = Object.fromEntries([
    ...tokens,
    ...given.map(([name, value]) => [name, String(value)]),
  ])
  const at = new Date()
  const { repository, workflow: file, ref } = reference
  const dispatched = await ask(github, settings.run_details ? Dispatched.nullable() : z.unknown(), {
    method: 'POST',
    path: `/repos/${repository}/actions/workflows/${file}/dispatches`,
    body: { ref, inputs, ...(settings.run_details ? { return_run_details: true } : {}) },
    secrets: request.secrets.map((name) => String(parameters[name] ?? '')),
    signal,
  })
  const run = Dispatched.safeParse(dispatched)
  if (run.success) {
    const { workflow_run_id: id, html_url: url } = run.data
    return { id: `${repository}/${id}`, url: url ?? null }
  }
  return await appearing(github, { reference, token, at }, signal)
}

function noTargets(): ConnectorError {
  const reason = 'GitHub cannot limit a run to targets'
  const hint = 'Set targets.limit: false and give them in a parameter'
  return new ConnectorError('parameters_invalid', `${reason}. ${hint}`)
}

function notFound(job: string): ConnectorError {
  return new ConnectorError('platform_job_not_found', `there is no workflow ${job}`)
}

const lookAgainMs = 1000

/** The run of a dispatch that did not say which it is: runs appear seconds later. */
async function appearing(
  github: Github,
  launched: { reference: JobReference; token: string; at: Date },
  signal: AbortSignal,
): Promise<LaunchedJob> {
  for (;;) {
    const { run } = await search(github, launched, signal)
    if (run !== null) return launchedJob(launched.reference, run)
    await wait(lookAgainMs, undefined, { signal })
  }
}

/** As Driver.find. The launch's moment and workflow bound the search. */
export async function find(
  github: Github,
  { token, doubt }: { token: string; doubt: LaunchInDoubt | undefined },
  signal: AbortSignal,
): Promise<LaunchedJob | null> {
  const { settings } = github
  const reference = doubt && readReference(doubt.job, settings)
  if (!doubt || !reference) throw cannotTell('the job of the launch is not known')
  const { run, isAll } = await search(github, { reference, token, at: doubt.at }, signal)
  if (run !== null) return launchedJob(reference, run)
  const workflow = await readWorkflow(github, reference, signal)
  if (workflow !== null && !tellsToken(workflow, settings.token_input)) {
    throw cannotTell(`run-name of the workflow does not hold inputs.${settings.token_input}`)
  }
  if (isAll) return null
  throw cannotTell(`more than ${pageSize} runs since the launch`)
}

/** Clocks may differ by this much, in milliseconds. */
const clockToleranceMs = 300_000

const pageSize = 100

async function search(
  github: Github,
  { reference, token, at }: { reference: JobReference; token: string; at: Date },
  signal: AbortSignal,
): Promise<{ run: Run | null; isAll: boolean }> {
  const since = new Date(at.getTime() - clockToleranceMs).toISOString().replace(/\.\d+Z$/, 'Z')
  const query = new URLSearchParams({
    event: 'workflow_dispatch',
    created: `>=${since}`,
    per_page: String(pageSize),
  }).toString()
  const path = `/repos/${reference.repository}/actions/workflows/${reference.workflow}/runs?${query}`
  const { workflow_runs: rows, total_count: total } = await ask(github, Runs, {
    method: 'GET',
    path,
    signal,
  })
  const run = rows.find(({ display_title: title }) => title?.includes(token)) ?? null
  return { run, isAll: total <= rows.length }
}

function launchedJob({ repository }: JobReference, { id, html_url }: Run): LaunchedJob {
  return { id: `${repository}/${id}`, url: html_url ?? null }
}

function cannotTell(reason: string): ConnectorError {
  const text = `whether the run exists cannot be told: ${reason}`
  return new ConnectorError('platform_bad_answer', text, { retryable: true })
}
