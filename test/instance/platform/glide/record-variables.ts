// current.variables of a requested item: the answers to the catalog item's questions.
import type { Cursor } from './cursor.ts'
import type { GlideHost } from './host.ts'

/** Answers by question name; an unknown name is undefined. */
export function catalogVariables(host: GlideHost, cursor: Cursor): object {
  const { store } = host.core
  const variables: Record<string, object> = {}
  for (const link of store.rows('sc_item_option_mtom')) {
    if (link['request_item'] !== cursor.record['sys_id']) continue
    const option = store.find('sc_item_option', link['sc_item_option'] ?? '')
    const question = store.find('item_option_new', option?.['item_option_new'] ?? '')
    const name = question?.['name'] ?? ''
    const value = option?.['value'] ?? ''
    if (name === '') continue
    variables[name] = {
      toString: () => value,
      getValue: () => value,
      getDisplayValue: () => value,
      getLabel: () => question?.['question_text'] ?? '',
      getName: () => name,
      nil: () => value === '',
    }
  }
  return {
    ...variables,
    getElements: () => Object.values(variables),
  }
}
