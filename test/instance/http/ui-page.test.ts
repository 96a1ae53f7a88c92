// Pages of the app, as the stand-in serves them.
import { afterAll, beforeAll, expect, test } from 'vitest'

import { resultOf, send, signIn } from '../../support/plain-http.ts'
import { openInstance } from './harness.ts'
import type { TestInstance } from './harness.ts'
import { expandJelly } from './pages/ui-page.ts'

let instance: TestInstance

beforeAll(async () => {
  instance = await openInstance({ app: true })
})
afterAll(() => instance.stop())

async function openAs(userName: string, path: string) {
  const { cookie } = await signIn(instance.url, userName)
  return send(`${instance.url}${path}`, { headers: { Cookie: cookie } })
}

test('the run page comes as its own document, with the token, the label and its script', async () => {
  const page = await openAs('abel.agent', '/x_snc_ticket_auto_start.do?sysparm_table=incident')
  const script = /src="(\/uxasset\/externals\/[^"]+)"/.exec(page.text)?.[1] ?? ''
  const asset = await send(`${instance.url}${script}`)

  expect(page.status).toBe(200)
  expect(page.text).toMatch(/window\.g_ck = "[0-9a-f]{72}"/)
  expect(page.text).not.toContain('$[')
  expect(page.text).toContain('Local development instance — not ServiceNow')
  expect(asset.status).toBe(200)
  expect(asset.headers['content-type']).toContain('javascript')
})

test('whoever may not open a page does not learn that it is there', async () => {
  const page = await openAs('victor.vip', '/x_snc_ticket_auto_start.do?sysparm_table=incident')

  expect(page.text).not.toContain('uxasset')
})

test('an address with sys_id means the record, although a page bears the name of its table', async () => {
  const page = await openAs('abel.agent', `/x_snc_ticket_auto_run.do?sys_id=${'0'.repeat(32)}`)

  expect(page.status).toBe(404)
  expect(page.text).toContain('Record not found')
})

test('runs of a ticket stand below its form', async () => {
  const created = await send(`${instance.url}/api/now/table/incident`, {
    method: 'POST',
    headers: instance.bearer,
    body: { short_description: 'with a run' },
  })
  const sysId = resultOf(created)['sys_id'] ?? ''
  const admin = instance.platform.session('admin', false)
  if (admin === null) throw new Error('no admin')
  instance.platform.insert(admin, 'x_snc_ticket_auto_run', {
    run_id: 'f'.repeat(32),
    ticket: sysId,
    template_title: 'Free disk space',
    progress: '40',
  })

  const page = await openAs('abel.agent', `/incident.do?sys_id=${sysId}`)

  expect(page.text).toContain('Free disk space')
  expect(page.text).toContain('<progress max="100" value="40">')
})

test("what the SDK's build makes of now-ux-globals becomes one script", () => {
  const visitor = {
    browser: { id: 'x', token: 'abc', userName: 'u', interactive: true, messages: [] },
    session: {
      userSysId: '1',
      userName: 'u',
      displayName: '</script><b>',
      roles: new Set<string>(),
      groups: [],
      interactive: true,
    },
  }
  const built = `<html><head><!-- @sdk:now-ux-globals --><script>window.g_ck = "$[gs.getSessionToken()]";</script>
<g:requires name="scripts/lib/prototype.js" /><!-- @sdk:now-ux-globals --></head><body>$[AMP]</body></html>`

  const page = expandJelly(built, visitor)
  const plain = expandJelly('<head><sdk:now-ux-globals></sdk:now-ux-globals></head>', visitor)

  expect(page.match(/window\.g_ck = "abc"/g)).toHaveLength(1)
  expect(page).not.toContain('g:requires')
  expect(page).toContain('&amp;')
  expect(plain).toContain('window.g_ck = "abc"')
  expect(plain).not.toContain('</script><b>')
})
