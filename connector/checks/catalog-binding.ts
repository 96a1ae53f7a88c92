// The ordered item is one that the template fulfils: named by item or category, or alike enough in its title.
// Does not apply to templates that name no catalog items.
import type { Check } from '#shared/decision.ts'

import { fail, pass } from './check.ts'
import type { CheckContext } from './check.ts'

export function catalogBinding({ binding, policy, template, trigger }: CheckContext): Check | null {
  if (binding === null) return null
  const { by, score, reason } = binding
  const clause = reason.replace(/\.$/, '')
  if (by === 'item' || by === 'category') return pass('catalog-binding', `Bound: ${clause}.`)
  const { threshold } = policy.catalog
  if (by === 'title' && score >= threshold) {
    return pass(
      'catalog-binding',
      `Alike enough (${percent(score)} of ${percent(threshold)} needed): ${clause}.`,
    )
  }
  if (trigger === 'manual') {
    return pass('catalog-binding', `A person chose it for this item: ${clause}.`)
  }
  if (by === 'title') {
    return fail('catalog-binding', {
      detail: `Suggested only (${percent(score)} alike, ${percent(threshold)} needed): ${clause}.`,
      hint: 'Run it by hand, or ask a platform admin to name the item under catalog.items of the template.',
    })
  }
  return fail('catalog-binding', {
    detail: `"${template.title}" does not fulfil this item: ${clause}.`,
    hint: 'Ask a platform admin to name the item under catalog.items of the template that fulfils it.',
  })
}

/** Cut, not rounded: what falls short must not look as if it did not. */
function percent(share: number): string {
  return `${Math.floor(share * 1000 + 1e-6) / 10} %`
}
