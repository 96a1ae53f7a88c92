// The rule tools as the signed routes offer them to an instance: the same functions as on the command line, with
// limits, because an app's page waits for the answer.
import type { PreviewRequest } from '#shared/preview.ts'
import type {
  BacktestReport,
  BacktestRequest,
  DecideAgainReply,
  DecideAgainRequest,
  RuleCheckReply,
  RuleCheckRequest,
  RuleExplainReply,
  RuleExplainRequest,
} from '#shared/rule-tools.ts'

import { ticketKeyOf } from '../db/events.ts'
import type { Pool } from '../db/pool.ts'
import { runsOnTargets } from '../db/run-targets.ts'
import { runsOfTickets } from '../db/runs.ts'
import { ConnectorError } from '../errors.ts'
import { readFailure } from '../itsm/access.ts'
import type { ItsmAdapter } from '../itsm/adapter.ts'
import { createFieldTypes } from '../itsm/field-types.ts'
import type { FieldTypes } from '../itsm/field-types.ts'
import type { Policy } from '../policy.ts'
import { Refusal } from '../refusal.ts'
import type { TemplateRegistry } from '../templates/registry.ts'
import type { WeighFacts } from '../weigh.ts'
import { checkRule, checkTemplateValue, ruleFields } from './check-rules.ts'
import type { Findings, GivenRule, KnownFields, KnownTables } from './check-rules.ts'
import { decideAgain } from './decide-again.ts'
import { explainTicket } from './explain.ts'
import { backtestInstance } from './read-backtest.ts'

/** The instance that asks. */
export interface Asking {
  name: string
  url: string
}

/** What an instance may ask. Every method throws Refusal or ConnectorError `database_unavailable`. */
export interface RuleTools {
  check(request: RuleCheckRequest, instance: Asking): Promise<RuleCheckReply>
  explain(request: RuleExplainRequest, instance: Asking): Promise<RuleExplainReply>
  backtest(request: BacktestRequest, instance: Asking): Promise<BacktestReport>
  again(request: DecideAgainRequest, instance: Asking): Promise<DecideAgainReply>
}

/** What the tools need. */
export interface RuleToolsDeps {
  pool: Pool
  templates: Pick<TemplateRegistry, 'current'>
  adapters: ReadonlyMap<string, ItsmAdapter>
  instances: readonly Asking[]
  policy: Policy
  now: () => Date
  /** Longest backtest in milliseconds; for tests. */
  backtestLimitMs?: number
}

/** Below the limit of a REST transaction of the instance (60 s), which waits for the answer. */
const defaultBacktestLimitMs = 45_000

/** A field is looked up in this time or not at all: an author waits. */
const dictionaryLimitMs = 5_000

const dayMs = 86_400_000

/** Creates the tools. */
export function createRuleTools(deps: RuleToolsDeps): RuleTools {
  const { templates, policy, now } = deps
  const backtesting = new Set<string>()
  const fieldTypes = new Map(
    [...deps.adapters].map(([name, adapter]) => [name, createFieldTypes(adapter)]),
  )

  return {
    check: (request, { name }) => check(request, fieldTypes.get(name) ?? null),
    async explain({ template, ...request }, { name }) {
      const facts: WeighFacts = {
        ...(await runFacts(deps.pool, name, request)),
        policy,
        now: now(),
      }
      const explained = await explainTicket(request, pick(deps, template), facts)
      return { ...explained, notes: [] }
    },
    async backtest(request, instance) {
      if (backtesting.has(instance.name)) {
        const reason = `a backtest of ${instance.name} is running; wait until it has ended`
        throw new Refusal('backtest_running', reason, { retryAfterSeconds: 15 })
      }
      backtesting.add(instance.name)
      try {
        return await boundedBacktest(request, { ...deps, instance, fieldTypes })
      } finally {
        backtesting.delete(instance.name)
      }
    },
    async again({ source, event_id: eventId }, instance) {
      const answer = await decideAgain(
        { eventId, source },
        {
          db: deps.pool,
          templates: templates.current(),
          policy,
          instanceOf: (url) => (url === instance.url ? instance.name : null),
        },
      )
      if (answer.ok) return answer.reply
      throw new Refusal('event_not_found', answer.reason)
    },
  }
}

async function runFacts(
  pool: Pool,
  instance: string,
  { source, ticket }: PreviewRequest,
): Promise<Pick<WeighFacts, 'instance' | 'earlierRuns' | 'targetRuns'>> {
  return {
    instance,
    earlierRuns: await runsOfTickets(pool, [ticketKeyOf(source, ticket)]),
    targetRuns: (targets) => runsOnTargets(pool, instance, targets),
  }
}

/** All published templates, or the one asked for. */
function pick(
  { templates }: RuleToolsDeps,
  name: string | undefined,
): ReturnType<TemplateRegistry['current']> {
  const current = templates.current()
  if (name === undefined) return current
  const own = current.filter(({ template }) => template.name === name)
  if (own.length > 0) return own
  throw new Refusal('template_unknown', `there is no published template ${name}`)
}

async function check(
  { template, rule }: RuleCheckRequest,
  fieldTypes: FieldTypes | null,
): Promise<RuleCheckReply> {
  const rules = rule === undefined ? givenRules(template) : [rule]
  const tables = fieldTypes === null ? new Map() : await lookUp(rules, fieldTypes)
  const found: Findings =
    rule === undefined ? checkTemplateValue(template, tables) : checkRule(rule, tables)
  const looked = rules.every(({ table }) => tables.has(table))
  return { ...found, fields_checked: rules.length > 0 && looked }
}

/** The rules of a template that may be wrong in any way. */
function givenRules(template: Record<string, unknown> | undefined): GivenRule[] {
  const match: unknown = template?.['match']
  if (!Array.isArray(match)) return []
  return match.flatMap((rule: unknown) => {
    if (typeof rule !== 'object' || rule === null || !('table' in rule) || !('when' in rule)) {
      return []
    }
    const { table, when } = rule
    return typeof table === 'string' && typeof when === 'string' ? [{ table, when }] : []
  })
}

/** Types of the fields that the rules name; a table whose dictionary cannot be read now is left out. */
async function lookUp(rules: readonly GivenRule[], fieldTypes: FieldTypes): Promise<KnownTables> {
  const tables = new Map<string, KnownFields>()
  for (const [table, fields] of ruleFields(rules)) {
    try {
      const signal = AbortSignal.timeout(dictionaryLimitMs)
      const { types, unknown, problem } = await fieldTypes.of(table, fields, signal)
      if (problem === null) tables.set(table, { types, unknown })
    } catch {
      // Too slow: the rule is checked without, and the answer says so.
    }
  }
  return tables
}

async function boundedBacktest(
  request: BacktestRequest,
  deps: RuleToolsDeps & { instance: Asking; fieldTypes: ReadonlyMap<string, FieldTypes> },
): Promise<BacktestReport> {
  const { instance, policy } = deps
  const templates = pick(deps, request.template)
  const adapter = deps.adapters.get(instance.name)
  const fieldTypes = deps.fieldTypes.get(instance.name)
  if (adapter === undefined || fieldTypes === undefined) {
    throw new Refusal('instance_unreadable', `there is no adapter for ${instance.name}`)
  }
  const limitMs = deps.backtestLimitMs ?? defaultBacktestLimitMs
  const end = Date.now() + limitMs
  const now = deps.now()
  const since = new Date(now.getTime() - request.days * dayMs)
  try {
    return await backtestInstance(
      { table: request.table, since, asOf: request.as_of, templates },
      {
        adapter,
        fieldTypes,
        instance: instance.name,
        policy,
        now,
        // The last page may take a while longer; then it is no answer at all.
        signal: AbortSignal.timeout(limitMs + 8_000),
        stop: () => Date.now() > end,
      },
    )
  } catch (error) {
    throw refusalOf(error, instance)
  }
}

function refusalOf(error: unknown, instance: Asking): unknown {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    const reason = 'the instance did not answer within the time limit; ask for fewer days'
    return new Refusal('instance_unreadable', reason, { cause: error })
  }
  if (!(error instanceof ConnectorError) || !error.code.startsWith('instance_')) return error
  const reason = readFailure(error, instance).replaceAll('\n→', '.')
  return new Refusal('instance_unreadable', reason, { cause: error })
}
