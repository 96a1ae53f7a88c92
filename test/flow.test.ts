// The whole road with everything real: the built app on the local instance, a connector process, the built-in runner.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { StatusReply, StatusUpdate } from '#shared/status-update.ts'

import { createServiceNow } from '../connector/itsm/servicenow.ts'
import { createSecret } from '../connector/secret.ts'
import { signInAs } from './support/agent.ts'
import type { Agent, Offer, Ticket } from './support/agent.ts'
import { startFlowSite } from './support/flow-site.ts'
import type { FlowSite } from './support/flow-site.ts'
import { until } from './support/until.ts'

const startMs = 120_000
const appBase = '/api/x_snc_ticket_auto/v1/automation'

let site: FlowSite
let agent: Agent

beforeAll(async () => {
  site = await startFlowSite()
  agent = await signInAs(site.url, 'abel.agent')
}, startMs)
afterAll(async () => {
  await site[Symbol.asyncDispose]()
}, startMs)

async function offerOf(ticket: Ticket, name: string, by = agent): Promise<Offer> {
  const { templates } = await by.preview(ticket)
  const offer = templates.find((candidate) => candidate.name === name)
  if (offer === undefined) throw new Error(`${name} is not offered`)
  return offer
}

/** Types of the events of a ticket, in order, with what became of each. */
async function eventsOf(ticket: Ticket, at = site): Promise<string[]> {
  const query = `ticket=${ticket.sysId}^ORDERBYposition`
  const rows = await at.stack.instance.records('x_snc_ticket_auto_outbox', query)
  return rows.map((row) => `${row['event_type']} ${row['state']}`)
}

it('a ticket is created, an automation fits, runs, and resolves it', async () => {
  const ticket = await agent.createIncident({ short_description: 'echo', description: 'Hello.' })
  const page = await agent.press(ticket, 'Run automation')
  const offer = await offerOf(ticket, 'echo-text')
  const ended = await agent.untilEnded(await agent.run(ticket, offer))

  expect(page).toContain(
    `x_snc_ticket_auto_start.do?sysparm_table=incident&sysparm_sys_id=${ticket.sysId}`,
  )
  expect(offer.decision.fits).toBe(true)
  expect(offer.parameters).toMatchObject([{ name: 'text', value: 'Hello.' }])
  expect(ended).toMatchObject({ state: 'succeeded', progress: 100, message: 'Echoed' })
  expect(ended.output).toBe('Hello.\n')
  expect(ended.requested_by).toBe('Abel Agent')
  expect(await agent.read(ticket, ['state', 'close_code', 'close_notes', 'resolved_by'])).toEqual({
    state: 'Resolved',
    close_code: 'Solution provided',
    close_notes: `Automation "Echo the description": Echoed (run ${ended.run_id})`,
    resolved_by: 'Ticket Automation',
  })
  const notes = await agent.notes(ticket)
  expect(notes.map(({ by, text }) => [by, text.split('\n')[0]])).toEqual([
    ['ticket.automation', 'Automation "Echo the description" started (by abel.agent).'],
    ['ticket.automation', 'Automation "Echo the description" succeeded. Echoed'],
  ])
  expect(await eventsOf(ticket)).toEqual(['ticket.created sent', 'run.requested sent'])
  expect([...(await agent.buttons(ticket)).keys()]).not.toContain('Run automation')
})

it('a run that is refused says why and what to do, and changes nothing', async () => {
  const ticket = await agent.createIncident({ short_description: 'switch is down' })
  const offer = await offerOf(ticket, 'network-only')
  // The list does not offer it, but the route can be called all the same.
  const ended = await agent.untilEnded(await agent.run(ticket, offer))

  expect(offer.decision).toMatchObject({ fits: false })
  expect(offer.decision.checks.find(({ passed }) => !passed)).toMatchObject({
    check: 'template-permission',
    hint: expect.stringMatching(/Ask one of them to run it/),
  })
  expect(ended.state).toBe('refused')
  expect(ended.message).toContain('Network')
  expect(ended.message).toContain('Ask one of them to run it')
  expect(ended.decision).toMatchObject({ template: 'network-only', fits: false })
  expect(await agent.read(ticket, ['state'])).toEqual({ state: 'New' })
  const [note, ...others] = await agent.notes(ticket)
  expect(note?.text).toMatch(/^Automation "Reset a switch" was not started\. Refused: /)
  expect(others).toEqual([])
  expect(() => site.inputOf(ticket.number)).toThrow(/no job has seen/)
})

describe.each(['ivy.itil', 'carla.caller'])('%s, who is no agent', (userName) => {
  it('has no button and is refused by the routes', async () => {
    const ticket = await agent.createIncident({
      short_description: 'echo',
      caller_id: 'Carla Caller',
    })
    const other = await signInAs(site.url, userName)
    const path = `${appBase}/tickets/incident/${ticket.sysId}`
    const order = { template: 'echo-text', version: 1, parameters: {} }

    const preview = await other.call('GET', `${path}/preview`)
    const run = await other.call('POST', `${path}/runs`, order)
    const page = await other.call(
      'GET',
      `/x_snc_ticket_auto_start.do?sysparm_table=incident&sysparm_sys_id=${ticket.sysId}`,
    )

    // A page one may not see is a page that is not there.
    expect([preview.status, run.status, page.status]).toEqual([403, 403, 404])
    expect([...(await agent.buttons(ticket)).keys()]).toContain('Run automation')
    expect([...(await other.buttons(ticket)).keys()]).not.toContain('Run automation')
    expect(await eventsOf(ticket)).toEqual(['ticket.created sent'])
  })
})

it('nobody gets in without signing in, or with a session but no token', async () => {
  const ticket = await agent.createIncident({ short_description: 'echo' })
  const path = `${site.url}${appBase}/tickets/incident/${ticket.sysId}`

  const anonymous = await fetch(`${path}/preview`)
  const forged = await fetch(`${path}/runs`, {
    method: 'POST',
    headers: { Cookie: 'JSESSIONID=0', 'Content-Type': 'application/json' },
    body: '{}',
  })

  expect([anonymous.status, forged.status]).toEqual([401, 401])
})

it('a ticket that is closed while its job runs cancels the job', async () => {
  const ticket = await agent.createIncident({ short_description: 'wait' })
  const runId = await agent.run(ticket, await offerOf(ticket, 'wait-for-sign'), { reason: 'test' })
  const pid = await until('the job', () => site.pidOf(ticket.number))
  await until('the running state', async () => (await agent.look(runId)).state === 'running')

  await agent.change(ticket, { state: '7', close_code: 'User error', close_notes: 'No.' })
  const ended = await agent.untilEnded(runId)

  expect(ended).toMatchObject({ state: 'cancelled' })
  expect((await agent.notes(ticket)).at(-1)?.text).toMatch(/was cancelled\. .*was closed/)
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/)
  expect(await agent.read(ticket, ['state', 'close_notes'])).toEqual({
    state: 'Closed',
    close_notes: 'No.',
  })
})

it('the agent cancels a run', async () => {
  const ticket = await agent.createIncident({ short_description: 'wait' })
  const runId = await agent.run(ticket, await offerOf(ticket, 'wait-for-sign'), { reason: 'test' })
  await until('the running state', async () => (await agent.look(runId)).state === 'running')

  const answer = await agent.call('POST', `${appBase}/runs/${runId}/cancel`, {})
  const ended = await agent.untilEnded(runId)

  expect(answer.status).toBe(202)
  expect(ended).toMatchObject({ state: 'cancelled', message: 'Cancelled by abel.agent.' })
  expect((await agent.notes(ticket)).at(-1)?.text).toContain(
    'was cancelled. Cancelled by abel.agent.',
  )
})

it('what the connector writes starts nothing, what a person writes does', async () => {
  const ticket = await agent.createIncident({ short_description: 'echo self' })
  const ended = await agent.untilEnded(await agent.run(ticket, await offerOf(ticket, 'echo-text')))
  await site.stack.instance.settle()
  const quiet = await eventsOf(ticket)
  // A person takes it back to work: such a change of the same field does make an event, and the rule fires.
  await agent.change(ticket, { state: '2' })
  const runs = await until('the run of the rule', async () => {
    const found = await site.stack.instance.records(
      'x_snc_ticket_auto_run',
      `ticket=${ticket.sysId}`,
    )
    return found.length === 2 && found.every((run) => run['state'] === 'succeeded') ? found : null
  })
  await site.stack.instance.settle()

  expect(ended.state).toBe('succeeded')
  expect(quiet).toEqual(['ticket.created sent', 'run.requested sent'])
  expect(new Set(runs.map((run) => run['template']))).toEqual(new Set(['echo-text', 'on-update']))
  expect(await eventsOf(ticket)).toEqual([
    'ticket.created sent',
    'run.requested sent',
    'ticket.updated sent',
  ])
})

it('late and repeated status updates change nothing, a newer one does', async () => {
  const ticket = await agent.createIncident({ short_description: 'echo' })
  const run = await agent.untilEnded(await agent.run(ticket, await offerOf(ticket, 'echo-text')))
  const before = { notes: await agent.notes(ticket), run }
  const key = {
    kid: site.stack.keyId,
    alg: 'HS256',
    material: createSecret(site.stack.secret),
  } as const
  const adapter = createServiceNow(
    {
      name: 'local',
      issuer: site.url,
      url: site.url,
      keys: [key],
      signingKey: key,
      oauth: { ...site.stack.oauth, tokenUrl: `${site.url}/oauth_token.do` },
    },
    site.stack.audience,
  )
  function send(sequence: number, message: string): Promise<StatusReply> {
    const update: StatusUpdate = {
      run_id: run.run_id,
      sequence,
      time: new Date().toISOString(),
      ticket: { table: 'incident', sys_id: ticket.sysId, number: ticket.number },
      template: run.template,
      trigger: 'manual',
      requested_by: 'abel.agent',
      state: 'running',
      phase: null,
      step: null,
      progress: 10,
      message,
      job: null,
      output: null,
      decision: null,
      ticket_change: {
        work_note: { key: `late:${sequence}`, text: message },
        transition: 'in_progress',
      },
    }
    return adapter.sendStatus(update, AbortSignal.timeout(10_000))
  }

  const late = await send(1, 'late')
  const repeated = await send(run.sequence, 'repeated')
  const unchanged = { notes: await agent.notes(ticket), run: await agent.look(run.run_id) }
  const newer = await send(run.sequence + 1, 'newer')
  const changed = await agent.look(run.run_id)
  await adapter.close()

  expect([late.status, repeated.status]).toEqual(['stale', 'stale'])
  expect(unchanged).toEqual(before)
  expect(newer).toMatchObject({ status: 'applied', applied: ['work_notes'] })
  // A resolved ticket is not taken back by an automation.
  expect(newer.refused).toMatchObject([{ field: 'state' }])
  expect(changed).toMatchObject({ message: 'newer', sequence: run.sequence + 1 })
})

const hostile = [
  '$(rm -rf /) `reboot` ; & | > "quotes" \'single\' \\ backslash %s ${HOME}',
  '<script>alert("x")</script> <img src=x onerror=alert(1)> &amp; ]]> {{7*7}}',
  'שלום עולם مرحبا \u202Ereversed\u202C 👩‍💻🇩🇪 e\u0301 \u{10FFFD}',
  '\ttab, trailing blanks   ',
].join('\n')

it('hostile text of a ticket reaches job, work note and page exactly, and harmlessly', async () => {
  const ticket = await agent.createIncident({
    short_description: 'echo <b>"$(id)"</b>',
    description: hostile,
  })
  const ended = await agent.untilEnded(await agent.run(ticket, await offerOf(ticket, 'echo-text')))
  const note = (await agent.notes(ticket)).at(-1)?.text ?? ''
  const form = await agent.call('GET', `/incident.do?sys_id=${ticket.sysId}`)

  expect(ended.state).toBe('succeeded')
  expect(site.inputOf(ticket.number).parameters['text']).toBe(hostile)
  expect(ended.output).toBe(`${hostile}\n`)
  expect(note).toContain(`Output:\n${hostile.trimEnd()}\nJob: `)
  expect(form.text).toContain('&lt;script&gt;alert(')
  expect(form.text).not.toContain('<script>alert("x")')
  expect(form.text).not.toContain('<img src=x')
})

describe('while the connector is down', () => {
  it(
    'the preview says so, the request waits, and is run once the connector is back',
    async () => {
      await using other = await startFlowSite({ clock: 'virtual' })
      const person = await signInAs(other.url, 'abel.agent')
      const ticket = await person.createIncident({
        short_description: 'echo',
        description: 'Late.',
      })
      await other.stack.instance.settle()
      const offer = await offerOf(ticket, 'echo-text', person)
      const { record } = await other.stack.instance.record('incident', ticket.sysId)
      await other.stack.connector().stop()

      const preview = await person.call(
        'GET',
        `${appBase}/tickets/incident/${ticket.sysId}/preview`,
      )
      const runId = await person.run(ticket, offer)
      await other.stack.instance.settle()
      await other.stack.instance.advance(2000)
      const waiting = await person.look(runId)
      const held = await eventsOf(ticket, other)
      await other.stack.restartConnector()
      // The sweep comes with every full minute of the virtual clock. That clock may not run more than a minute ahead of
      // the connector's, or what is signed by it is refused as made in the future.
      let now = Date.parse(`${(record['sys_created_on'] ?? '').replace(' ', 'T')}Z`) + 2000
      async function isSent(): Promise<boolean> {
        if (now - Date.now() < 50_000) {
          await other.stack.instance.advance(1000)
          now += 1000
        }
        return (await eventsOf(ticket, other)).every((event) => event.endsWith(' sent'))
      }
      await until('the sweep of the outbox', isSent, 60_000)
      const sent = await eventsOf(ticket, other)
      const ended = await person.untilEnded(runId)

      expect(preview.status).toBe(502)
      expect(preview.json()).toMatchObject({
        result: {
          error: {
            code: 'connector_unreachable',
            message: expect.stringContaining('Try again in a minute'),
          },
        },
      })
      expect(waiting).toMatchObject({ state: 'requested', message: 'The request is on its way.' })
      expect(held).toEqual(['ticket.created sent', 'run.requested pending'])
      expect(sent).toEqual(['ticket.created sent', 'run.requested sent'])
      expect(ended).toMatchObject({ state: 'succeeded', output: 'Late.\n' })
      expect(await person.read(ticket, ['state'])).toEqual({ state: 'Resolved' })
      expect((await person.notes(ticket)).length).toBe(2)
    },
    startMs,
  )
})
