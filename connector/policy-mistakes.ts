// What the schema of the policy section cannot say: how its values fit together. Whether a table or a template
// of that name exists cannot be known when the connector starts.
import type { ConfigProblem } from './config-file.ts'
import type { Freeze, IncidentType, Policy } from './policy.ts'

/** Everything wrong in the policy section, with paths from the root of connector.yaml. */
export function policyMistakes({ freezes, classification }: Policy): ConfigProblem[] {
  const types = classification.types
  return [
    ...freezes.flatMap((freeze, index) => freezeMistakes(freeze, ['policy', 'freezes', index])),
    ...repeated(
      freezes.map(({ name }) => name),
      (index) => ['policy', 'freezes', index, 'name'],
    ),
    ...repeated(
      types.map(({ type }) => type),
      (index) => ['policy', 'classification', 'types', index, 'type'],
    ),
    ...types.flatMap((type, index) =>
      wordMistakes(type, ['policy', 'classification', 'types', index, 'words']),
    ),
  ]
}

function freezeMistakes({ from, to }: Freeze, path: readonly PropertyKey[]): ConfigProblem[] {
  if (new Date(from) < new Date(to)) return []
  const message = `must lie after from (${from}); as it is, the freeze never holds`
  return [{ path: [...path, 'to'], message }]
}

function wordMistakes({ words }: IncidentType, path: readonly PropertyKey[]): ConfigProblem[] {
  return words.flatMap((word, index) =>
    word.trim() === '' ? [{ path: [...path, index], message: 'is blank; remove it' }] : [],
  )
}

/** Names that stand twice; the later one is named. Case does not tell two names apart for a reader. */
function repeated(
  names: readonly string[],
  pathOf: (index: number) => readonly PropertyKey[],
): ConfigProblem[] {
  const folded = names.map((name) => name.trim().toLowerCase())
  return folded.flatMap((name, index) =>
    folded.indexOf(name) < index
      ? [{ path: pathOf(index), message: `"${names[index]}" is used twice; each must be unique` }]
      : [],
  )
}
