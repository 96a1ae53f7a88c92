// Runs with status updates as the road leaves them behind, without the road.
import type { StatusUpdate } from '#shared/status-update.ts'

import type { Pool } from '../../connector/db/pool.ts'
import { insertUpdates } from '../../connector/db/status-updates.ts'
import { randomHex } from './events.ts'

/** A run and the updates to store for it. */
export interface StoredRun {
  id: string
  key: string
  /** Stores an update under the run's next number and gives it. */
  write(update: Partial<StatusUpdate>, options?: { droppable?: boolean }): Promise<StatusUpdate>
  /** Number, state and length of the body of each update. */
  updates(): Promise<{ sequence: number; state: string; length: number; attempts: number }[]>
}

/** Stores a running run of an instance, with the event it came from. */
export async function storeRun(pool: Pool, instance = 'acme'): Promise<StoredRun> {
  const id = randomHex()
  const ticket = { table: 'incident', sys_id: randomHex(), number: 'INC0010001' }
  await pool.query(
    `with e as (
       insert into event (source, event_id, type, ticket_key, ticket_number, body, issuer, kid, state)
       values ('https://acme', $2, 'run.requested', $3, 'INC0010001', '{}', 'acme', 'k', 'decided') returning seq)
     insert into run (instance, id, event_seq, ticket_key, ticket_table, ticket_sys_id, ticket_number, template,
       version, trigger, requested_by, state, due_at)
     select $1, $2, seq, $3, 'incident', $3, 'INC0010001', 'free', 1, 'manual', 'beth', 'running',
       now() + interval '1 hour' from e`,
    [instance, id, ticket.sys_id],
  )

  async function write(
    part: Partial<StatusUpdate>,
    options: { droppable?: boolean } = {},
  ): Promise<StatusUpdate> {
    const { rows } = await pool.query<{ sequence: number }>(
      'update run set sequence = sequence + 1 where id = $1 returning sequence',
      [id],
    )
    const update: StatusUpdate = {
      run_id: id,
      sequence: rows[0]?.sequence ?? 0,
      time: new Date().toISOString(),
      ticket,
      template: { name: 'free', version: 1, title: 'Free disk space' },
      trigger: 'manual',
      requested_by: 'beth',
      state: 'running',
      phase: null,
      step: null,
      progress: 0,
      message: '',
      job: null,
      output: null,
      decision: null,
      ticket_change: null,
      ...part,
    }
    await insertUpdates(pool, [{ instance, update, droppable: options.droppable ?? false }])
    return update
  }

  return {
    id,
    key: `${instance}/${id}`,
    write,
    async updates() {
      const { rows } = await pool.query(
        `select sequence, state, length(body) as length, attempts from status_update
         where run_id = $1 order by sequence`,
        [id],
      )
      return rows
    },
  }
}
