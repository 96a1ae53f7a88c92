// Receipts of then beside receipts of today: what changed, without what only the wording changed. Pure.
import type { Check, Decision, RuleResult } from '#shared/decision.ts'
import type { DecisionDiff, ReceiptChange } from '#shared/rule-tools.ts'

/** One entry per template of either side, those that changed first. */
export function diffDecisions(
  before: readonly Decision[],
  after: readonly Decision[],
): DecisionDiff[] {
  const names = new Set([...before, ...after].map(({ template }) => template))
  return [...names]
    .map((name) => diffOf(name, find(before, name), find(after, name)))
    .toSorted((a, b) => rank(a) - rank(b) || (a.template < b.template ? -1 : 1))
}

function find(decisions: readonly Decision[], name: string): Decision | null {
  return decisions.find(({ template }) => template === name) ?? null
}

function rank({ status }: DecisionDiff): number {
  return status === 'same' ? 1 : 0
}

function diffOf(template: string, before: Decision | null, after: Decision | null): DecisionDiff {
  if (before === null) return { template, status: 'added', before, after, changes: [] }
  if (after === null) return { template, status: 'removed', before, after, changes: [] }
  const changes = [...ruleChanges(before.rules, after.rules), ...checkChanges(before, after)]
  const isSame = changes.length === 0 && before.fits === after.fits
  return { template, status: isSame ? 'same' : 'changed', before, after, changes }
}

function ruleChanges(before: readonly RuleResult[], after: readonly RuleResult[]): ReceiptChange[] {
  function keyOf({ table, when }: RuleResult): string {
    return `${table} ${when}`
  }
  const [old, now] = [
    new Map(before.map((rule) => [keyOf(rule), rule])),
    new Map(after.map((rule) => [keyOf(rule), rule])),
  ]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [left, right] = [old.get(key), now.get(key)]
    const what = right ?? left
    if (what === undefined || left?.outcome === right?.outcome) return []
    return {
      kind: 'rule' as const,
      what: what.when,
      before: left?.outcome ?? null,
      after: right?.outcome ?? null,
      detail: what.reason,
    }
  })
}

function checkChanges(before: Decision, after: Decision): ReceiptChange[] {
  const [old, now] = [checksByName(before), checksByName(after)]
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((what) => {
    const [left, right] = [old.get(what), now.get(what)]
    if (!differs(left, right)) return []
    return {
      kind: 'check' as const,
      what,
      before: outcomeOf(left),
      after: outcomeOf(right),
      detail: (right ?? left)?.detail ?? '',
    }
  })
}

/** A check that passes now as before has nothing to tell, whatever its words; one that is new and passes neither. */
function differs(before: Check | undefined, after: Check | undefined): boolean {
  if (before === undefined || after === undefined) return (before ?? after)?.passed === false
  if (before.passed !== after.passed) return true
  return !after.passed && before.detail !== after.detail
}

function checksByName({ checks }: Decision): Map<string, Check> {
  return new Map(checks.map((check) => [check.check, check]))
}

function outcomeOf(check: Check | undefined): string | null {
  if (check === undefined) return null
  return check.passed ? 'passed' : 'failed'
}
