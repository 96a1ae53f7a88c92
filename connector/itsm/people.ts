import { toCarriable } from '#shared/text.ts'
// People by Table API: a user with the roles and groups the instance gives them, as an event asserts them.
import type { Person } from '#shared/ticket-event.ts'

import { ConnectorError } from '../errors.ts'
import type { ItsmAdapter, ReadRecord } from './adapter.ts'

/** Whom to read. */
export type PersonKey = { userName: string } | { sysId: string }

/** Who stands for jobs and rules that no user record belongs to; has no rights. */
export const systemPerson: Person = {
  sys_id: '0'.repeat(32),
  user_name: 'system',
  roles: [],
  groups: [],
}

/** The contract's limit for roles and for groups of one person. */
const maxNames = 2000

/**
 * The person, or null when there is no such user. Inherited roles are rows of their own in sys_user_has_role.
 * Rejects with ConnectorError.
 */
export async function readPerson(
  adapter: ItsmAdapter,
  key: PersonKey,
  signal: AbortSignal,
): Promise<Person | null> {
  const [field, value] =
    'userName' in key ? (['user_name', key.userName] as const) : (['sys_id', key.sysId] as const)
  // ^ separates conditions and has no escape, so a name that holds one cannot be asked for.
  if (value === '' || value.includes('^') || value.startsWith('javascript:')) return null
  const [user] = await adapter.readRecords(
    {
      table: 'sys_user',
      query: `${field}=${value}`,
      fields: ['sys_id', 'user_name', 'name'],
      limit: 1,
    },
    signal,
  )
  const sysId = textOf(user, 'sys_id')
  if (sysId === '') return null
  const [roles, groups] = await Promise.all([
    readNames(adapter, { table: 'sys_user_has_role', field: 'role.name', user: sysId }, signal),
    readNames(adapter, { table: 'sys_user_grmember', field: 'group.name', user: sysId }, signal),
  ])
  const name = textOf(user, 'name')
  return {
    sys_id: sysId,
    user_name: toCarriable(textOf(user, 'user_name')),
    ...(name === '' ? {} : { name: toCarriable(name) }),
    roles,
    groups,
  }
}

async function readNames(
  adapter: ItsmAdapter,
  link: { table: string; field: string; user: string },
  signal: AbortSignal,
): Promise<string[]> {
  const { table, field, user } = link
  const records = await adapter.readRecords(
    { table, query: `user=${user}`, fields: [field], limit: maxNames },
    signal,
  )
  const names = records.map((record) => toCarriable(textOf(record, field)))
  if (names.includes('')) {
    throw new ConnectorError(
      'instance_auth',
      `GET table ${table}: ${field} cannot be read, so the rights of the person are not known`,
    )
  }
  return [...new Set(names)].toSorted()
}

function textOf(record: ReadRecord | undefined, field: string): string {
  return record?.[field]?.value ?? ''
}
