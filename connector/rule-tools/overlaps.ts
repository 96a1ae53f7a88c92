// Rules of different templates that match the same tickets for certain, found by their text alone: every
// condition of the wider query is also one of the narrower. What only the values decide is not guessed at. Pure.
import type { JobTemplate, MatchRule, Trigger } from '#shared/job-template.ts'

import { parseQuery } from '../matching/parse-query.ts'
import type { ParsedQuery, Term } from '../matching/parse-query.ts'

/** Two rules of equal priority where whatever `narrow` matches is matched by `wide`, too. */
export interface Overlap {
  wide: RulePlace
  narrow: RulePlace
  trigger: Trigger
  /** Both match exactly the same tickets. */
  same: boolean
}

/** A rule of a template. */
export interface RulePlace {
  template: string
  /** Its place in `match`. */
  index: number
  when: string
}

interface Placed {
  template: JobTemplate
  rule: MatchRule
  index: number
  query: ParsedQuery
}

/** Triggers without a person, for which a tie starts nothing. */
const automatic: readonly Trigger[] = ['created', 'updated', 'ordered']

/** Pairs of rules that tie whenever the checks of both templates pass; each pair once. */
export function findOverlaps(templates: readonly JobTemplate[]): Overlap[] {
  const rules = templates.filter(isLive).flatMap(placedRules)
  const alike = Map.groupBy(rules, ({ template, rule }) => `${template.priority} ${rule.table}`)
  return [...alike.values()].flatMap((group) =>
    group.flatMap((one, at) => group.slice(at + 1).flatMap((other) => overlapOf(one, other) ?? [])),
  )
}

/** A template in shadow starts nothing, so nothing ties with it. */
function isLive({ rollout }: JobTemplate): boolean {
  return rollout.mode !== 'shadow'
}

function placedRules(template: JobTemplate): Placed[] {
  return template.match.flatMap((rule, index) => {
    const query = parseQuery(rule.when)
    return query.ok ? [{ template, rule, index, query }] : []
  })
}

function overlapOf(one: Placed, other: Placed): Overlap | null {
  if (one.template === other.template || areApart(one, other)) return null
  const trigger = automatic.find(
    (name) => one.rule.trigger.includes(name) && other.rule.trigger.includes(name),
  )
  if (trigger === undefined) return null
  const holdsOther = implies(other.query, one.query)
  const holdsOne = implies(one.query, other.query)
  if (!holdsOther && !holdsOne) return null
  const [wide, narrow] = holdsOther ? [one, other] : [other, one]
  return { wide: placeOf(wide), narrow: placeOf(narrow), trigger, same: holdsOther && holdsOne }
}

/** The templates can never fit the same ticket: other instances, other types of change, other catalog items. */
function areApart({ template: one, rule }: Placed, { template: other }: Placed): boolean {
  if (areDisjoint(one.instances, other.instances)) return true
  if (rule.table === 'change_request') return areDisjoint(one.change.types, other.change.types)
  // How items are bound decides before priority does.
  return rule.table === 'sc_req_item' && (one.catalog !== undefined || other.catalog !== undefined)
}

/** Nothing in common; an empty list means everything. */
function areDisjoint(one: readonly string[], other: readonly string[]): boolean {
  if (one.length === 0 || other.length === 0) return false
  return !one.some((name) => other.includes(name))
}

/** True when every record that `narrow` matches is matched by `wide`, as far as equal conditions tell. */
function implies(narrow: ParsedQuery, wide: ParsedQuery): boolean {
  return narrow.groups.every((narrowGroup) =>
    wide.groups.some((wideGroup) =>
      wideGroup.every((clause) => narrowGroup.some((own) => isWithin(own, clause))),
    ),
  )
}

/** Every alternative of `own` is one of `clause`, so `own` can only hold when `clause` does. */
function isWithin(own: readonly Term[], clause: readonly Term[]): boolean {
  return own.every((term) => clause.some(({ text }) => text === term.text))
}

function placeOf({ template, index, rule }: Placed): RulePlace {
  return { template: template.name, index, when: rule.when }
}
