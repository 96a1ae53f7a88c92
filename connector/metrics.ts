// Numbers for Prometheus (GET /metrics). The road counts here; the ledger is read from the database
// when somebody asks.
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'

import { createLedgerReader, readLedger } from './db/ledger.ts'
import type { Pool } from './db/pool.ts'

/** All metrics of the connector. Durations in seconds. */
export interface Metrics {
  registry: Registry
  /** Events by instance and outcome: accepted, duplicate. */
  events: Counter<'instance' | 'outcome'>
  /** Refused requests by route and problem code. */
  refusals: Counter<'route' | 'code'>
  /** From the end of the request body to the commit. */
  acceptSeconds: Histogram
  /** Decisions by outcome: run, refused, no_match, dead. */
  decisions: Counter<'outcome'>
  /** From the event's commit to its decision. */
  decideSeconds: Histogram
  /** Launches by platform and outcome: launched, found, failed, unknown. */
  launches: Counter<'platform' | 'outcome'>
  /** From the event's commit to the job's launch. */
  launchSeconds: Histogram<'platform'>
  /** Finished runs by template and final state. */
  runs: Counter<'template' | 'state'>
  /** From the run's creation to its end. */
  runSeconds: Histogram<'state'>
  /** Status updates by instance and outcome: acknowledged, stale, retried, dead. */
  reports: Counter<'instance' | 'outcome'>
  /** From the update's row to the instance's acknowledgement. */
  reportSeconds: Histogram<'instance'>
}

/** Milliseconds matter on the way in. */
const fastBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Jobs take seconds to hours. */
const slowBuckets = [0.1, 0.5, 1, 5, 15, 30, 60, 300, 900, 1800, 3600, 14_400]

/** Makes the metrics in a registry of their own. `pool` is for the ledger, read when somebody scrapes. */
export function createMetrics(pool: Pool): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  addLedger(registry, pool)
  const registers = [registry]
  function histogram<L extends string>(
    name: string,
    help: string,
    options: { labelNames: L[]; buckets?: number[] },
  ): Histogram<L> {
    return new Histogram({ name, help, buckets: fastBuckets, ...options, registers })
  }
  function counter<L extends string>(name: string, help: string, labelNames: L[]): Counter<L> {
    return new Counter({ name, help, labelNames, registers })
  }
  return {
    registry,
    events: counter('ticket_automation_events_total', 'Events answered with 202', [
      'instance',
      'outcome',
    ]),
    refusals: counter('ticket_automation_refusals_total', 'Requests refused', ['route', 'code']),
    acceptSeconds: histogram('ticket_automation_accept_seconds', 'Event read to event stored', {
      labelNames: [],
    }),
    decisions: counter('ticket_automation_decisions_total', 'Events decided', ['outcome']),
    decideSeconds: histogram('ticket_automation_decide_seconds', 'Event stored to decided', {
      labelNames: [],
    }),
    launches: counter('ticket_automation_launches_total', 'Jobs launched', ['platform', 'outcome']),
    launchSeconds: histogram('ticket_automation_launch_seconds', 'Event stored to job launched', {
      labelNames: ['platform'],
    }),
    runs: counter('ticket_automation_runs_total', 'Runs finished', ['template', 'state']),
    runSeconds: histogram('ticket_automation_run_seconds', 'Run created to run finished', {
      labelNames: ['state'],
      buckets: slowBuckets,
    }),
    reports: counter('ticket_automation_reports_total', 'Status updates sent', [
      'instance',
      'outcome',
    ]),
    reportSeconds: histogram(
      'ticket_automation_report_seconds',
      'Status update written to acknowledged',
      { labelNames: ['instance'] },
    ),
  }
}

function addLedger(registry: Registry, pool: Pool): void {
  const ledgerNow = createLedgerReader(() => readLedger(pool))
  new Gauge({
    name: 'ticket_automation_ledger',
    help: 'Events received and decided, jobs launched, runs finished, updates reported; missing must be 0',
    labelNames: ['stage'],
    registers: [registry],
    async collect() {
      try {
        const ledger = await ledgerNow()
        for (const [stage, count] of Object.entries(ledger)) this.set({ stage }, count)
      } catch {
        // Never counted yet, for want of a database; /readyz says why, and the other numbers still count.
        this.reset()
      }
    },
  })
}
