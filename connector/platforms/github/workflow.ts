// The workflow file: which inputs a dispatch takes, and whether a run's title tells our token.
import { parse } from 'yaml'
import { z } from 'zod'

import type { DeclaredParameter, JobDescription, TemplateProblem } from '../driver.ts'
import { platformError } from '../http.ts'
import type { Github, JobReference } from './client.ts'

const Input = z.object({
  description: z.string().catch('').default(''),
  required: z.boolean().catch(false).default(false),
  default: z.union([z.string(), z.number(), z.boolean()]).optional().catch(undefined),
  type: z.string().catch('string').default('string'),
  options: z.array(z.coerce.string()).catch([]).default([]),
})

const Dispatch = z.object({ inputs: z.record(z.string(), Input.nullable()).nullish() }).nullish()

const File = z.object({
  'run-name': z.string().catch('').default(''),
  on: z.union([
    z.string().transform((word) => [word]),
    z.array(z.string()),
    z.looseObject({ workflow_dispatch: Dispatch }),
  ]),
})

/** What is used of a workflow file. */
export interface Workflow {
  /** Null = it cannot be dispatched. */
  inputs: ReadonlyMap<string, z.infer<typeof Input>> | null
  runName: string
}

/** Reads the file on the job's branch; null when it is not there or cannot be told. */
export async function readWorkflow(
  { http }: Github,
  { repository, workflow, ref }: JobReference,
  signal: AbortSignal,
): Promise<Workflow | null> {
  const path = `/repos/${repository}/contents/.github/workflows/${encodeURIComponent(workflow)}`
  const answer = await http.send({
    method: 'GET',
    path: `${path}?${new URLSearchParams({ ref }).toString()}`,
    headers: { accept: 'application/vnd.github.raw+json' },
    signal,
  })
  if (answer.status === 404) return null
  if (answer.status !== 200) throw platformError(answer, `GET ${path}`)
  return workflowIn(answer.text)
}

/** What the text of a workflow file says. */
export function workflowIn(text: string): Workflow | null {
  let document: unknown
  try {
    document = parse(text)
  } catch {
    // GitHub itself will say what is wrong with it.
    return null
  }
  const { success, data } = File.safeParse(document)
  if (!success) return null
  const runName = data['run-name']
  if (Array.isArray(data.on)) {
    return { inputs: data.on.includes('workflow_dispatch') ? new Map() : null, runName }
  }
  if (!('workflow_dispatch' in data.on)) return { inputs: null, runName }
  const inputs = Object.entries(data.on.workflow_dispatch?.inputs ?? {})
  return {
    inputs: new Map(inputs.map(([name, input]) => [name, input ?? Input.parse({})])),
    runName,
  }
}

/** True when a run's title tells which launch made it. */
export function tellsToken({ inputs, runName }: Workflow, tokenInput: string): boolean {
  const reads = new RegExp(`\\$\\{\\{[^}]*\\binputs\\.${tokenInput}\\b[^}]*\\}\\}`)
  return inputs?.has(tokenInput) === true && reads.test(runName)
}

/** What would make a dispatch fail. */
export function workflowProblems(
  { inputs }: Workflow,
  parameters: readonly DeclaredParameter[],
  tokenInput: string,
): TemplateProblem[] {
  if (inputs === null) {
    const hint = 'Add workflow_dispatch under on: in the workflow'
    return [{ field: 'job', reason: 'the workflow cannot be dispatched', hint }]
  }
  const unknown = parameters
    .filter(({ name }) => !inputs.has(name))
    .map(({ name }) => ({
      field: `parameters.${name}`,
      reason: `the workflow has no input ${name}`,
      hint: `Declare ${name} under on.workflow_dispatch.inputs in the workflow`,
    }))
  const missing = [...inputs]
    .filter(([name, { required, default: value }]) => {
      const given = name === tokenInput || parameters.some((one) => one.name === name)
      return required && value === undefined && !given
    })
    .map(([name]) => ({
      field: `parameters.${name}`,
      reason: `the workflow needs the input ${name}`,
      hint: `Add a parameter ${name} to the template, or a default in the workflow`,
    }))
  return [...unknown, ...missing]
}

const types: Record<string, DeclaredParameter['type']> = {
  boolean: 'boolean',
  number: 'number',
  choice: 'choice',
}

/** The inputs as parameters of a template. */
export function asParameters(
  { inputs }: Workflow,
  tokenInput: string,
): JobDescription['parameters'] {
  return [...(inputs ?? [])]
    .filter(([name]) => name !== tokenInput)
    .map(([name, input]) => ({
      name,
      label: input.description || name,
      type: types[input.type] ?? 'string',
      required: input.required && input.default === undefined,
      default: input.default ?? null,
      choices: input.options,
    }))
}
