import { expect, test } from 'vitest'

import { openPlatform } from '../fixtures/script-api.ts'
import { glue, scope, sysId } from '../fixtures/write-app.ts'
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

function uiAction(values: Record<string, string>): FixtureRecord {
  return {
    table: 'sys_ui_action',
    values: {
      sys_id: sysId('action'),
      name: 'Press me',
      action_name: 'press_me',
      table: 'task',
      active: 'true',
      client: 'false',
      form_button: 'true',
      show_update: 'true',
      ...values,
    },
  }
}

const users = [{ userName: 'ulla.ui', name: 'Ulla Ui', roles: ['itil', roleName] }]

function session(platform: Platform, name: string): Session {
  const found = platform.session(name, true)
  if (!found) throw new Error(`no user ${name}`)
  return found
}

async function withIncident(
  app: FixtureApp,
  values = {},
): Promise<{ platform: Platform & AsyncDisposable; sysId: string }> {
  const platform = await openPlatform(app, { users })
  const result = platform.insert(session(platform, 'admin'), 'incident', {
    short_description: 'a',
    ...values,
  })
  return { platform, sysId: result.ok ? (result.record['sys_id'] ?? '') : '' }
}

test('UI actions: are offered on tables that extend theirs, by role and condition', async () => {
  const app = {
    records: [
      ...roleRecords(),
      uiAction({ condition: 'current.active == true && current.canRead()' }),
    ],
  }
  const opened = await withIncident(app)
  await using platform = opened.platform
  function labels(name: string): string[] {
    return platform
      .formActions(session(platform, name), 'incident', opened.sysId)
      .map((one) => one.label)
  }

  expect(labels('ulla.ui')).toEqual(['Press me'])
  expect(labels('ivy.itil')).toEqual([])

  platform.update(session(platform, 'admin'), 'incident', opened.sysId, { state: '8' })
  expect(labels('ulla.ui')).toEqual([])
})

test('UI actions: see form values in current, save only by update(), redirect and leave messages', async () => {
  const app = {
    modules: {
      'press.ts': `import { gs } from '@servicenow/glide'
        export function press(current, action) {
          gs.addInfoMessage('Pressed on ' + current.getValue('short_description'))
          action.setRedirectURL(current)
        }`,
    },
    records: [...roleRecords(), uiAction({ script: glue('press.ts', 'press', 'current, action') })],
  }
  const opened = await withIncident(app)
  await using platform = opened.platform

  const outcome = platform.runAction(
    session(platform, 'ulla.ui'),
    sysId('action'),
    'incident',
    opened.sysId,
    {
      short_description: 'typed',
    },
  )

  expect(outcome).toEqual({
    redirect: `incident.do?sys_id=${opened.sysId}`,
    messages: [{ kind: 'info', text: 'Pressed on typed' }],
  })
  expect(
    platform.get(session(platform, 'admin'), 'incident', opened.sysId)?.['short_description'],
  ).toBe('a')
})

test('UI actions: cannot be pressed by whom they are not offered to', async () => {
  const opened = await withIncident({
    records: [...roleRecords(), uiAction({ script: 'gs.info("ran")' })],
  })
  await using platform = opened.platform

  const outcome = platform.runAction(
    session(platform, 'ivy.itil'),
    sysId('action'),
    'incident',
    opened.sysId,
    {},
  )

  expect(outcome).toMatchObject({ ok: false, status: 403 })
  expect(platform.log()).toEqual([])
})
