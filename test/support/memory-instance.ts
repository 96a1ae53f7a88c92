// An ITSM instance in memory: keeps the updates it was sent, ignores stale ones as the app does, and can be
// made to fail or to refuse fields.
import type { StatusReply, StatusUpdate } from '#shared/status-update.ts'
import { StatusUpdate as Schema } from '#shared/status-update.ts'

import type { ItsmAdapter, ReadRecord, RecordQuery } from '../../connector/itsm/adapter.ts'

/** The instance and its controls. */
export interface MemoryInstance {
  adapter: ItsmAdapter
  /** Updates that were applied, in the order in which they came. */
  updates: StatusUpdate[]
  /** Each delivery takes one and fails with it (`lost` = applied, but the answer is lost). */
  faults: { error: Error; lost?: boolean }[]
  /** Fields refused when a ticket change asks for them. */
  refuse: StatusReply['refused']
  /** What readRecords answers; rejects as an instance without the Table API would when it throws. */
  records: (query: RecordQuery) => ReadRecord[]
  /** The last update applied for a run. */
  last(runId: string): StatusUpdate | undefined
}

/** Creates the instance. */
export function createMemoryInstance(): MemoryInstance {
  const instance: MemoryInstance = {
    updates: [],
    faults: [],
    refuse: [],
    records: () => [],
    last: (runId) => instance.updates.findLast((update) => update.run_id === runId),
    adapter: {
      async sendStatus(update) {
        // What crosses the border must be within the contract.
        Schema.parse(update)
        const fault = instance.faults.shift()
        if (fault !== undefined && fault.lost !== true) throw fault.error
        const reply = apply(instance, update)
        if (fault !== undefined) throw fault.error
        return reply
      },
      readRecords: async (query) => instance.records(query),
      close: () => Promise.resolve(),
    },
  }
  return instance
}

function apply(instance: MemoryInstance, update: StatusUpdate): StatusReply {
  const known = instance.last(update.run_id)?.sequence ?? 0
  const reply = { run_id: update.run_id, sequence: update.sequence, applied: [], refused: [] }
  if (update.sequence <= known) return { ...reply, status: 'stale' }
  instance.updates.push(update)
  const { transition, work_note } = update.ticket_change ?? {}
  const refused = instance.refuse.filter(({ field }) =>
    field === 'work_notes' ? work_note !== undefined : transition !== undefined,
  )
  return { ...reply, status: 'applied', refused }
}
