// One template weighed for one ticket: its values, its targets, its rules and all its checks, summed up as a
// receipt. The same for a click, a rule, a preview and the tools of the command line. Effects: it asks for the
// runs on the targets, nothing else.
import type { Decision, RuleResult } from '#shared/decision.ts'
import type { Trigger } from '#shared/job-template.ts'
import type { People, Person, Ticket } from '#shared/ticket-event.ts'

import type { Binding, EarlierRun, Origin, TargetRun } from './checks/check.ts'
import { makeChecks } from './checks/index.ts'
import type { Policy } from './policy.ts'
import { decisionOf } from './receipt.ts'
import { targetsOf } from './targets.ts'
import { factsOf } from './templates/parameters.ts'
import type { Values } from './templates/parameters.ts'
import type { PublishedVersion } from './templates/registry.ts'
import { resolveValues } from './templates/resolve-values.ts'

/** What is asked: may this template run for this ticket? */
export interface Question {
  published: PublishedVersion
  rules: RuleResult[]
  trigger: Trigger
  data: { ticket: Ticket; actor: Person; people: People }
  /** How the event proved where it comes from; null = nothing was signed (command line). */
  origin: Origin | null
  /** `table/number` of the event's envelope, or null. */
  subject: string | null
  /** Version a person confirmed, or null. */
  requestedVersion: number | null
  /** Values a person confirmed; null = the ticket gives them; `preview` = nobody has confirmed any yet. */
  given: Values | null | 'preview'
  /** How an ordered item is bound to the template, or null. */
  binding: Binding | null
}

/** What the answer rests on besides the question. */
export interface WeighFacts {
  /** Name of the instance in connector.yaml. */
  instance: string
  /** Runs this ticket already has. */
  earlierRuns: readonly EarlierRun[]
  /** Runs on targets, newest first. */
  targetRuns: (targets: readonly string[]) => Promise<TargetRun[]>
  policy: Policy
  now: Date
}

/** The answer. */
export interface Weighed {
  published: PublishedVersion
  decision: Decision
  values: Values
  targets: string[]
  binding: Binding | null
}

/** Weighs one template. Rejects only when the runs on its targets cannot be read. */
export async function weigh(question: Question, facts: WeighFacts): Promise<Weighed> {
  const { published, trigger, data, given, binding } = question
  const { template, version } = published
  const preview = given === 'preview'
  const resolved = await resolveValues(published, factsOf(data), preview ? null : given)
  const targets = targetsOf(template, data.ticket, resolved.values)
  const checks = makeChecks({
    trigger,
    ...data,
    template,
    version,
    templateProblem: published.problem,
    requestedVersion: question.requestedVersion,
    parameterProblems: preview ? null : resolved.problems,
    earlierRuns: facts.earlierRuns,
    now: facts.now,
    instance: facts.instance,
    origin: question.origin,
    subject: question.subject,
    targets,
    targetRuns: targets.length === 0 ? [] : await facts.targetRuns(targets),
    binding,
    policy: facts.policy,
  })
  const decision = decisionOf(published, question.rules, checks)
  return { published, decision, values: resolved.values, targets, binding }
}
