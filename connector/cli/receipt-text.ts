// Receipts as tables for people at a terminal.
import type { Decision } from '#shared/decision.ts'
import type { DecisionDiff, Receipt, Verdict } from '#shared/rule-tools.ts'

import { formatTable, printable } from './table.ts'

/** One receipt: what it comes to, the rules tried, the checks made with the next step where one failed. */
export function receiptText(receipt: Receipt): string {
  const { name, version, trigger, priority, decision } = receipt
  const published = version === 0 ? 'not published' : `version ${version}`
  const title = `${mark(decision.fits)} ${name} (${published}, ${trigger}, priority ${priority})`
  const values = Object.entries(receipt.parameters).map(
    ([parameter, value]) => `${parameter}=${JSON.stringify(value)}`,
  )
  return [
    printable(title),
    indent(printable(decision.summary)),
    indent(decisionTables(decision)),
    ...(values.length === 0 ? [] : [indent(printable(`Parameters: ${values.join(', ')}`))]),
    ...(receipt.targets.length === 0
      ? []
      : [indent(printable(`Targets: ${receipt.targets.join(', ')}`))]),
  ].join('\n')
}

/** What a trigger would lead to, in one line. */
export function verdictText({ trigger, outcome, templates }: Verdict): string {
  const names = templates.join(', ')
  switch (outcome) {
    case 'runs':
      return `${trigger}: would run ${names}`
    case 'tie':
      return `${trigger}: would run nothing, because ${names} fit with the same priority`
    case 'offers':
      return `${trigger}: may be started by hand: ${names}`
    case 'nothing':
      return `${trigger}: nothing fits`
  }
}

/** What changed in one receipt. */
export function diffText(diff: DecisionDiff): string {
  const { template, status, before, after, changes } = diff
  if (status === 'same') return `= ${template}: ${fits(after)}, as before`
  if (status === 'added') return `+ ${template}: ${fits(after)}. ${after?.summary ?? ''}`
  if (status === 'removed') return `- ${template}: ${fits(before)} then; not tried today`
  const rows = changes.map(({ kind, what, before: then, after: now, detail }) => [
    kind,
    what,
    `${then ?? 'absent'} -> ${now ?? 'absent'}`,
    detail,
  ])
  const head = `~ ${template}: ${fits(before)} -> ${fits(after)}`
  return rows.length === 0
    ? head
    : `${head}\n${indent(formatTable(['What', 'Name', 'Then -> today', 'Detail'], rows))}`
}

function fits(decision: Decision | null): string {
  return decision?.fits === true ? 'fits' : 'does not fit'
}

function decisionTables({ rules, checks }: Decision): string {
  const tried = rules.map(({ when, outcome, reason }) => [
    outcome === 'matched' ? '✓' : '✗',
    when,
    outcome.replace('_', ' '),
    reason,
  ])
  const made = checks.map(({ check, passed, detail, hint }) => [
    mark(passed),
    check,
    passed || hint === undefined ? detail : `${detail} → ${hint}`,
  ])
  return [
    ...(tried.length === 0 ? [] : [formatTable(['', 'Rule', 'Outcome', 'Reason'], tried)]),
    ...(made.length === 0 ? [] : [formatTable(['', 'Check', 'Detail'], made)]),
  ].join('\n')
}

function mark(passed: boolean): string {
  return passed ? '✓' : '✗'
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
}
