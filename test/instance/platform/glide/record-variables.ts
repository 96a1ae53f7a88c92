// current.variables of a requested item: the answers to the catalog item's questions
// (c_ScriptableServiceCatalogVariables). Multi-row variable sets are not emulated.
import type { CatalogAnswer } from '../../types.ts'
import { answersOf } from '../catalog.ts'
import { isScrambled, unscramble } from '../secrets.ts'
import type { Cursor } from './cursor.ts'
import type { GlideHost } from './host.ts'

/** Answers by question name; an unknown name is undefined. */
export function catalogVariables(host: GlideHost, cursor: Cursor): object {
  const variables: Record<string, object> = {}
  for (const answer of answersOf(host.core, cursor.record['sys_id'] ?? '')) {
    if (answer.name !== '') variables[answer.name] = variableOf(answer)
  }
  return {
    ...variables,
    getElements: () => Object.values(variables),
  }
}

function variableOf({ name, label, value, display }: CatalogAnswer): object {
  const question = {
    getLabel: () => label,
    getName: () => name,
    getValue: () => value,
    getDisplayValue: () => display,
  }
  return {
    ...question,
    toString: () => value,
    getQuestion: () => question,
    getDecryptedValue: () => (isScrambled(value) ? unscramble(value) : value),
    isMultiRow: () => false,
    nil: () => value === '',
  }
}
