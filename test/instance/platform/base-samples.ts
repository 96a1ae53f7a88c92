// Sample changes as a change manager would have them on the table: one to be worked on, one ready for its
// window, one urgent. They go through the model's own states.
import type { Session, StoredRecord } from '../types.ts'
import { toStored } from './clock.ts'
import type { Core } from './core.ts'
import { fixedSysId } from './ids.ts'

const hourMs = 60 * 60_000

interface SampleChange {
  values: StoredRecord
  /** Further servers it affects. */
  affected: readonly string[]
  services: readonly string[]
  /** What happens to it before anybody looks: one update after the other. */
  history: readonly StoredRecord[]
}

/** Inserts the changes and takes each to where its history leads. */
export function insertSampleChanges(core: Core, session: Session): void {
  for (const change of sampleChanges(core.clock.now())) {
    const row = { table: 'change_request', values: change.values }
    const made = core.writer.insert(session, row, { acl: false })
    if (!made.ok) throw new Error(made.detail ?? made.message)
    const sysId = made.record['sys_id'] ?? ''
    for (const name of change.affected) {
      const values = { task: sysId, ci_item: fixedSysId(`cmdb_ci_linux_server:${name}`) }
      core.writer.insert(session, { table: 'task_ci', values }, { acl: false })
    }
    for (const name of change.services) {
      const values = { task: sysId, cmdb_ci_service: fixedSysId(`cmdb_ci_service:${name}`) }
      core.writer.insert(session, { table: 'task_cmdb_ci_service', values }, { acl: false })
    }
    for (const values of change.history) {
      core.writer.update(session, { table: 'change_request', sysId, values }, { acl: false })
    }
  }
}

function sampleChanges(now: Date): readonly SampleChange[] {
  const unix = fixedSysId('sys_user_group:Unix Admins')
  const abel = fixedSysId('sys_user:abel.agent')
  const people = { assignment_group: unix, assigned_to: abel, requested_by: abel }
  function inHours(start: number, end: number): StoredRecord {
    const [from, to] = [start, end].map((hours) =>
      toStored(new Date(now.getTime() + hours * hourMs)),
    )
    return { start_date: from ?? '', end_date: to ?? '' }
  }
  return [
    {
      values: {
        short_description: 'Patch the test servers of the web shop',
        type: 'normal',
        cmdb_ci: fixedSysId('cmdb_ci_linux_server:lnx-test-07'),
        implementation_plan: 'Patch one server first, then the others.',
        backout_plan: 'Restore the packages that were there before.',
        ...people,
        ...inHours(24, 28),
      },
      affected: ['lnx-test-07', 'lnx-test-08', 'lnx-test-09'],
      services: ['Web Shop Test'],
      history: [],
    },
    {
      values: {
        short_description: 'Renew the certificate of the web shop',
        type: 'standard',
        cmdb_ci: fixedSysId('cmdb_ci_service:Web Shop Test'),
        ...people,
        ...inHours(1, 3),
      },
      affected: [],
      services: [],
      history: [{ state: '-2' }],
    },
    {
      values: {
        short_description: 'Close the hole in the mail gateway',
        type: 'emergency',
        risk: '2',
        cmdb_ci: fixedSysId('cmdb_ci_linux_server:lnx-app-01'),
        ...people,
        ...inHours(0, 6),
      },
      affected: [],
      services: ['Web Shop'],
      history: [{ state: '-3' }],
    },
  ]
}
