// What an admin can do when the instance cannot be read: the role that reading a table takes.
import { ConnectorError, messageOf } from '../errors.ts'

/** Roles of the base system that let a user read a table by Table API. */
const readers: Readonly<Record<string, string>> = {
  incident: 'sn_incident_read (or itil)',
  change_request: 'sn_change_read (or itil)',
  sc_req_item: 'sn_request_read (or itil)',
  sc_item_option_mtom: 'sn_request_read (or itil)',
  task: 'itil',
  sys_dictionary: 'personalize_dictionary',
  sys_db_object: 'personalize_dictionary',
  sys_user: 'itil',
  sys_user_has_role: 'user_admin',
  sys_user_grmember: 'itil',
  task_ci: 'itil',
  task_cmdb_ci_service: 'itil',
  cmdb_ci_service: 'itil',
  cmdb_rel_ci: 'itil',
}

/** Why an instance could not be read, with the one next step. */
export function readFailure(error: unknown, instance: { name: string; url: string }): string {
  const reason = messageOf(error)
  if (!(error instanceof ConnectorError)) return reason
  const table = /GET table ([a-z0-9_]+)/.exec(reason)?.[1]
  switch (error.code) {
    case 'instance_auth':
      return table === undefined
        ? `${reason}\n→ Compare client id and secret of the instance "${instance.name}" in connector.yaml with its OAuth entry.`
        : `${reason}\n→ Give the integration user of "${instance.name}" the role ${readers[table] ?? `that reads ${table}`}.`
    case 'instance_unreachable':
    case 'instance_timeout':
      return `${reason}\n→ Is ${instance.url} right, is the instance awake, and may this machine reach it?`
    case 'instance_rate_limited':
      return `${reason}\n→ The instance limits the requests of its users: try again later, or look for fewer days.`
    case 'instance_bad_answer':
      return `${reason}\n→ Is ${instance.url} the instance itself? A hibernating instance or a proxy answers with a page.`
    default:
      return reason
  }
}
