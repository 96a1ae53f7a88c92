// The values a run starts with: what a person confirmed, or what the ticket itself gives.
import { checkPrefilled, checkValues, prefill } from './parameters.ts'
import type { ParameterProblem, TemplateFacts, Values } from './parameters.ts'
import type { PublishedVersion } from './registry.ts'

/** The values of a run: those a person confirmed, or (given null) those the ticket gives. */
export async function resolveValues(
  published: PublishedVersion,
  facts: TemplateFacts,
  given: Values | null,
): Promise<{ values: Values; problems: ParameterProblem[] }> {
  const { template } = published
  const readTicket = given === null || template.parameters.some((parameter) => !parameter.editable)
  const prefilled = readTicket ? await prefill(template, facts) : []
  const checked =
    given === null ? checkPrefilled(template, prefilled) : checkValues(template, given, prefilled)
  if (checked.ok) return { values: checked.values, problems: [] }
  // What the template does not know is not kept: nobody could say whether it is a secret.
  const known = template.parameters
    .map(({ name }) => name)
    .filter((name) => Object.hasOwn(given ?? {}, name))
  const values = Object.fromEntries(known.map((name) => [name, given?.[name] ?? null]))
  return { values, problems: checked.problems }
}
