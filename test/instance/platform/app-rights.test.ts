import { expect, test } from 'vitest'

import { openPlatform } from '../fixtures/script-api.ts'
import { scope, sysId } from '../fixtures/write-app.ts'
import type { FixtureApp, FixtureRecord } from '../fixtures/write-app.ts'
import type { Platform, Session } from '../types.ts'

const role = sysId('role')
const roleName = `${scope}.agent`

function roleRecords(): FixtureRecord[] {
  return [
    { table: 'sys_user_role', values: { sys_id: role, name: roleName } },
    {
      table: 'sys_ui_action_role',
      values: { sys_ui_action: sysId('action'), sys_user_role: role },
    },
  ]
}

const users = [{ userName: 'ulla.ui', name: 'Ulla Ui', roles: ['itil', roleName] }]

function session(platform: Platform, name: string): Session {
  const found = platform.session(name, true)
  if (!found) throw new Error(`no user ${name}`)
  return found
}

const table = `${scope}_item`
function acl(name: string, values: Record<string, string>, withRole: boolean): FixtureRecord[] {
  const id = sysId(`${name} ${JSON.stringify(values)}`)
  return [
    {
      table: 'sys_security_acl',
      values: {
        sys_id: id,
        name,
        type: 'record',
        active: 'true',
        admin_overrides: 'true',
        ...values,
      },
    },
    ...(withRole
      ? [
          {
            table: 'sys_security_acl_role',
            values: { sys_security_acl: id, sys_user_role: role },
          },
        ]
      : []),
  ]
}
const app: FixtureApp = {
  tables: [
    {
      name: table,
      columns: {
        owner: { type: 'reference', reference: 'sys_user' },
        secret: { type: 'string' },
      },
    },
  ],
  records: [
    ...roleRecords(),
    ...acl(table, { operation: 'read' }, true),
    ...acl(
      table,
      { operation: 'read', condition: 'ownerDYNAMIC90d1921e5f510100a9ad2572f2b477fe' },
      false,
    ),
    ...acl(
      `${table}.secret`,
      { operation: 'read', script: 'answer = false', admin_overrides: 'false' },
      false,
    ),
  ],
}

test('record ACLs of app tables: deny by default, admit by role, condition or admin, and hide fields', async () => {
  await using platform = await openPlatform(app, { users })
  const admin = session(platform, 'admin')
  const owner = session(platform, 'carla.caller').userSysId
  platform.insert(admin, table, { owner, secret: 'x' })
  platform.insert(admin, table, { owner: '', secret: 'y' })
  function seen(name: string): number {
    const found = platform.query(session(platform, name), table, {})
    return 'records' in found ? found.records.length : -1
  }

  expect([seen('admin'), seen('ulla.ui'), seen('carla.caller'), seen('ivy.itil')]).toEqual([
    2, 2, 1, 0,
  ])
  expect(platform.insert(session(platform, 'ulla.ui'), table, {})).toMatchObject({
    ok: false,
    status: 403,
  })
  const rows = platform.query(admin, table, {})
  expect('records' in rows && rows.records.every((row) => row['secret'] === undefined)).toBe(true)
})
