import { expect, test } from 'vitest'

import { openPlatform } from '../fixtures/script-api.ts'
import { scope, sysId } from '../fixtures/write-app.ts'
import type { FixtureRecord } from '../fixtures/write-app.ts'
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

const records: FixtureRecord[] = [
  ...roleRecords(),
  {
    table: 'sys_ui_page',
    values: { endpoint: `${scope}_run.do`, html: '<p>$[x]</p>', direct: 'true' },
  },
  {
    table: 'sys_security_acl',
    values: {
      sys_id: sysId('page-acl'),
      name: `${scope}_run`,
      type: 'ui_page',
      operation: 'read',
      active: 'true',
    },
  },
  {
    table: 'sys_security_acl_role',
    values: { sys_security_acl: sysId('page-acl'), sys_user_role: role },
  },
  {
    table: 'sys_ux_lib_asset',
    values: { name: `${scope}/run/main`, mime_type: 'application/javascript', content: 'run()' },
  },
  {
    table: 'sys_app_application',
    values: { sys_id: sysId('menu'), title: 'Probe', roles: roleName, active: 'true' },
  },
  {
    table: 'sys_app_module',
    values: {
      title: 'Open',
      application: sysId('menu'),
      link_type: 'LIST',
      name: 'incident',
      filter: 'active=true',
      active: 'true',
      order: '1',
    },
  },
  {
    table: 'sys_app_module',
    values: {
      title: 'Secret',
      application: sysId('menu'),
      link_type: 'NEW',
      name: 'incident',
      roles: 'nobody',
      active: 'true',
      order: '2',
    },
  },
  {
    table: 'sys_script_include',
    values: {
      name: 'ProbeAjax',
      api_name: `${scope}.ProbeAjax`,
      client_callable: 'true',
      active: 'true',
      script: `var ProbeAjax = Class.create();
        ProbeAjax.prototype = Object.extendsObject(global.AbstractAjaxProcessor, {
          echo: function () { return this.getParameter('sysparm_word') + ' ' + gs.getUserName() },
          _secret: function () { return 'secret' },
          type: 'ProbeAjax' });`,
    },
  },
]

test('pages, assets, menu and GlideAjax: a page shows only to those its ACL lets in', async () => {
  await using platform = await openPlatform({ records }, { users })
  function page(name: string): unknown {
    return platform.page(session(platform, name), `${scope}_run.do`, new URLSearchParams())
  }

  expect(page('ulla.ui')).toEqual({ html: '<p>$[x]</p>', direct: true })
  expect(page('ivy.itil')).toBeNull()
})

test('pages, assets, menu and GlideAjax: an asset is found under the address the built page uses', async () => {
  await using platform = await openPlatform({ records })

  expect(platform.asset(`${scope}/run/main.jsdbx`)?.body.toString()).toBe('run()')
  expect(platform.asset(`${scope}/run/other.jsdbx`)).toBeNull()
})

test('pages, assets, menu and GlideAjax: the menu holds what the roles of the session open', async () => {
  await using platform = await openPlatform({ records }, { users })

  expect(platform.menu(session(platform, 'ulla.ui'))).toEqual([
    {
      title: 'Probe',
      entries: [{ title: 'Open', href: 'incident_list.do?sysparm_query=active%3Dtrue' }],
    },
  ])
  expect(platform.menu(session(platform, 'ivy.itil'))).toEqual([])
})

test('pages, assets, menu and GlideAjax: GlideAjax calls public functions of client-callable script includes', async () => {
  await using platform = await openPlatform({ records })
  function ask(name: string): { status: number; answer: string } {
    return platform.ajax(
      session(platform, 'abel.agent'),
      new URLSearchParams({
        sysparm_processor: 'ProbeAjax',
        sysparm_name: name,
        sysparm_word: 'hi',
      }),
    )
  }

  expect(ask('echo')).toEqual({ status: 200, answer: 'hi abel.agent' })
  expect(ask('_secret')).toEqual({ status: 403, answer: '' })
})
