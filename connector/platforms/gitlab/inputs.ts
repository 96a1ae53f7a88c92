// The inputs that a pipeline declares (spec:inputs in its CI file), read so that a parameter that has no place is found
// before the launch. https://docs.gitlab.com/ci/inputs
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'

import type { DeclaredParameter, JobDescription, TemplateProblem } from '../driver.ts'
import { platformError } from '../http.ts'
import type { Gitlab, JobReference } from './client.ts'

const Scalar = z.union([z.string(), z.number(), z.boolean()])

const Input = z.object({
  type: z.enum(['string', 'number', 'boolean', 'array']).catch('string').default('string'),
  description: z.string().catch('').default(''),
  default: z.unknown().optional(),
  options: z.array(Scalar).catch([]).default([]),
})

const Header = z.object({
  spec: z.object({ inputs: z.record(z.string(), Input.nullable()).nullish() }).nullish(),
})

/** Declared inputs by name. */
export type Inputs = ReadonlyMap<string, z.infer<typeof Input>>

/** The input that carries our token with `token_in: name`. */
export const tokenInput = 'ticket_run'

/** Reads the inputs of the CI file; null when they cannot be told, e.g. when it is in another project. */
export async function readInputs(
  gitlab: Gitlab,
  { reference, file }: { reference: JobReference; file: string | null | undefined },
  signal: AbortSignal,
): Promise<Inputs | null> {
  const path = file || '.gitlab-ci.yml'
  // group/project:file and addresses stand for files elsewhere.
  if (/[@:]/.test(path)) return null
  const query = new URLSearchParams({ ref: reference.ref }).toString()
  const place = `/projects/${reference.project}/repository/files/${encodeURIComponent(path)}/raw`
  const answer = await gitlab.http.send({
    method: 'GET',
    path: `/api/v4${place}?${query}`,
    signal,
  })
  if (answer.status === 404 || answer.status === 403) return null
  if (answer.status !== 200) throw platformError(answer, `GET ${place}`)
  return inputsIn(answer.text)
}

/** The inputs in the text of a CI file. */
export function inputsIn(text: string): Inputs | null {
  const [first, second] = parseAllDocuments(text)
  if (first === undefined || !('contents' in first) || first.errors.length > 0) return null
  // Only the first of two documents is a header.
  if (second === undefined) return new Map()
  const header = Header.safeParse(first.toJS())
  if (!header.success) return null
  const inputs = Object.entries(header.data.spec?.inputs ?? {})
  return new Map(inputs.map(([name, input]) => [name, input ?? Input.parse({})]))
}

/** What would make GitLab refuse the parameters. */
export function inputProblems(
  inputs: Inputs,
  parameters: readonly DeclaredParameter[],
): TemplateProblem[] {
  const unknown = parameters
    .filter(({ name }) => !inputs.has(name))
    .map(({ name }) => ({
      field: `parameters.${name}`,
      reason: `the pipeline has no input ${name}`,
      hint: `Declare ${name} under spec:inputs in the pipeline's CI file`,
    }))
  const missing = [...inputs]
    .filter(([name, input]) => {
      const given = name === tokenInput || parameters.some((one) => one.name === name)
      return input.default === undefined && !given
    })
    .map(([name]) => ({
      field: `parameters.${name}`,
      reason: `the pipeline needs the input ${name}`,
      hint: `Add a parameter ${name} to the template, or a default under spec:inputs`,
    }))
  const mistyped = parameters.flatMap(({ name, type }) => {
    const wanted = inputs.get(name)?.type
    if (wanted === undefined || wanted === kindOf(type)) return []
    return {
      field: `parameters.${name}`,
      reason: `the pipeline's input ${name} is of type ${wanted}, not ${kindOf(type)}`,
      hint: `Change the type of the parameter, or of ${name} under spec:inputs`,
    }
  })
  return [...unknown, ...missing, ...mistyped]
}

/** The inputs as parameters of a template. */
export function asParameters(inputs: Inputs): JobDescription['parameters'] {
  return [...inputs]
    .filter(([name]) => name !== tokenInput)
    .map(([name, input]) => ({
      name,
      label: input.description || name,
      type: input.options.length > 0 && input.type === 'string' ? 'choice' : typeOf(input.type),
      required: input.default === undefined,
      default: Scalar.nullable()
        .catch(null)
        .parse(input.default ?? null),
      choices: input.options.map(String),
    }))
}

/** GitLab's word for the type of a parameter. */
function kindOf(type: DeclaredParameter['type']): 'string' | 'number' | 'boolean' {
  if (type === 'boolean') return 'boolean'
  return type === 'integer' || type === 'number' ? 'number' : 'string'
}

function typeOf(type: z.infer<typeof Input>['type']): DeclaredParameter['type'] {
  return type === 'array' ? 'text' : type
}
