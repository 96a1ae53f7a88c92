// Events: gs.eventQueue writes a sysevent row and the scheduler runs the script actions registered for its name
// (servicenow-runtime.md §2.8).
import type { Session, StoredRecord } from '../types.ts'
import { toStored } from './clock.ts'
import type { Core } from './core.ts'
import { newSysId } from './ids.ts'
import { messageOf } from './script-error.ts'

const maxNameLength = 40 // sysevent.name; longer names are cut without a word

/** What a script raises. `record` is a GlideRecord of the script or nothing. */
export interface RaisedEvent {
  name: string
  record: unknown
  parm1: string
  parm2: string
  queue: string
}

interface RecordLike {
  getTableName(): string
  getUniqueValue(): string | null
}

/** Queues an event; an unregistered one is silently dropped, with a line in the log. */
export function raiseEvent(core: Core, session: Session, raised: RaisedEvent): void {
  const name = raised.name.slice(0, maxNameLength)
  const registered = [...core.store.rows('sysevent_register')].some(
    (row) => row['event_name'] === name,
  )
  if (!registered) {
    core.log.add('warn', 'sysevent', `event ${name} is not registered: dropped`)
    return
  }
  const record = isRecord(raised.record) ? raised.record : null
  const at = toStored(core.clock.now())
  // Written to the store as it is: no business rules run on sysevent here.
  const row: StoredRecord = {
    sys_id: newSysId(),
    name,
    parm1: raised.parm1.slice(0, 255),
    parm2: raised.parm2.slice(0, 255),
    queue: raised.queue,
    state: 'ready',
    table: record?.getTableName() ?? '',
    instance: record?.getUniqueValue() ?? '',
    user_id: session.userSysId,
    user_name: session.userName,
    process_on: at,
    sys_created_on: at,
    sys_created_by: session.userName,
    sys_updated_on: at,
    sys_updated_by: session.userName,
    sys_mod_count: '0',
  }
  core.store.put('sysevent', row)
  const queue = [...core.store.rows('sysevent_queue')].find((one) => one['queue'] === raised.queue)
  const sequence = queue?.['processing_order'] === 'sequential' ? { sequence: raised.queue } : {}
  core.jobs.add({ source: name, ...sequence, run: () => process(core, row, session) })
}

function isRecord(value: unknown): value is RecordLike {
  return typeof value === 'object' && value !== null && 'getUniqueValue' in value
}

function process(core: Core, event: StoredRecord, session: Session): void {
  const actions = [...core.store.rows('sysevent_script_action')]
    .filter((row) => row['active'] === 'true' && row['event_name'] === event['name'])
    .toSorted((a, b) => Number(a['order'] || '100') - Number(b['order'] || '100'))
  const errors = actions.flatMap((action) => runAction(core, action, { event, session }))
  const state = errors.length > 0 ? 'error' : 'processed'
  const processed = toStored(core.clock.now())
  core.store.put('sysevent', {
    ...event,
    state,
    processed,
    error_msg: errors.join('; ').slice(0, 255),
  })
}

/** Runs one script action; its error text, if any. */
function runAction(
  core: Core,
  action: StoredRecord,
  { event, session }: { event: StoredRecord; session: Session },
): string[] {
  const quiet = { ...session, interactive: false }
  const table = event['table'] ?? ''
  const row = table === '' ? null : core.store.find(table, event['instance'] ?? '')
  function run(source: string): unknown {
    return core.scripts.run({
      owner: action,
      source,
      session: quiet,
      globals: (host) => ({
        event: core.scripts.record(host, 'sysevent', event),
        current: core.scripts.record(host, table, row),
      }),
    })
  }
  try {
    const condition = (action['condition_script'] ?? '').trim()
    if (condition !== '' && run(condition) !== true) return []
    run(action['script'] ?? '')
    return []
  } catch (error) {
    core.log.add('error', action['name'] ?? '', messageOf(error))
    return [messageOf(error)]
  }
}
