// The receipt: rules tried and checks made for one template, and what they add up to, in words.
import type { Check, Decision, RuleResult } from '#shared/decision.ts'

import type { PublishedVersion } from './templates/registry.ts'

/** The receipt of one template from its rules and checks. */
export function decisionOf(
  published: PublishedVersion,
  rules: RuleResult[],
  checks: Check[],
): Decision {
  const matched = rules.some((rule) => rule.outcome === 'matched')
  const failed = checks.filter((check) => !check.passed)
  return {
    template: published.template.name,
    version: published.version,
    fits: matched && failed.length === 0,
    summary: summaryOf(rules, failed),
    rules,
    checks,
  }
}

function summaryOf(rules: RuleResult[], failed: Check[]): string {
  const [first] = failed
  if (first !== undefined) {
    return `Refused: ${first.detail}${first.hint === undefined ? '' : ` ${first.hint}`}`
  }
  const rule = rules.find((candidate) => candidate.outcome === 'matched')
  if (rule !== undefined) return `Fits: ${rule.reason}.`
  const invalid = rules.find((candidate) => candidate.outcome === 'invalid')
  if (invalid !== undefined) return `Refused: a rule of the template is disabled: ${invalid.reason}`
  const reasons = rules.map(({ reason }) => reason).join('; or ')
  return `Does not fit this ticket: ${reasons}. If it should, ask a platform admin to extend its rules.`
}

/** The receipt of a run that was to start and is refused after all, by a check that did not pass meanwhile. */
export function refused(decision: Decision): Decision {
  const failed = decision.checks.filter((check) => !check.passed)
  return { ...decision, fits: false, summary: summaryOf(decision.rules, failed) }
}
