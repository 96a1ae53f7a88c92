// One database operation on its way through rules and engines.
import type { Session, StoredRecord } from '../types.ts'
import type { EngineWork } from './engines.ts'

/** An operation in progress; rules and engines change `current` in place. */
export interface Work extends EngineWork {
  session: Session
  /** Set by setAbortAction or an abort rule: "<rule name>^<sys_id>". */
  abortedBy: string | null
}

/** What the rule engine offers to the writer. */
export interface RuleEngine {
  /** Runs the before rules of one half (order below 1000, or from 1000 on). */
  before(work: Work, half: 'early' | 'late'): void
  after(work: Work, half: 'early' | 'late'): void
  /** Async jobs whose conditions hold now (previous values are known only now); started after the commit. */
  async(work: Work): readonly (() => void)[]
}

/** Deviations of a write from the ordinary. */
export interface WriteOptions {
  /** Apply ACLs of the session. */
  acl: boolean
  /** False = setWorkflow(false): no rules, no engines. */
  workflow?: boolean
  /** Values are display values. */
  display?: boolean
}

/** The fields whose values differ between two states of a record. */
export function changedFields(before: StoredRecord, after: StoredRecord): string[] {
  return Object.keys(after).filter((field) => (before[field] ?? '') !== (after[field] ?? ''))
}
