// The sample templates: valid to the last key, matching the tickets they are for, prefilled from them.
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

import type { JobTemplate } from '#shared/job-template.ts'
import type { TicketEvent } from '#shared/ticket-event.ts'

import { compileQuery } from '../../connector/matching/encoded-query.ts'
import { createLocalDriver } from '../../connector/platforms/local.ts'
import { loadTemplateFolder } from '../../connector/templates/load.ts'
import { factsOf, prefill } from '../../connector/templates/parameters.ts'
import { soon } from '../platforms/launch.ts'
import { makeTicket, testActor } from '../support/events.ts'

const folder = fileURLToPath(new URL('templates', import.meta.url))
const { templates, problems } = await loadTemplateFolder(folder)

const fieldTypes = {
  active: 'boolean',
  state: 'integer',
  priority: 'integer',
  short_description: 'string',
  subcategory: 'string',
}

/** An incident with these fields; the others as a new one has them. */
function incident(values: Record<string, string>): TicketEvent['data']['ticket'] {
  const all = { active: 'true', state: '1', priority: '3', subcategory: '', ...values }
  const fields = Object.entries(all).map(([name, value]) => [name, { type: 'string', value }])
  return { ...makeTicket(), fields: Object.fromEntries(fields) }
}

/** Templates of which a rule with that trigger matches. */
function matching(ticket: TicketEvent['data']['ticket'], trigger: 'manual' | 'created'): string[] {
  const record = Object.fromEntries(
    Object.entries(ticket.fields).map(([name, { value }]) => [name, value]),
  )
  return templates
    .filter(({ template }) =>
      template.match
        .filter((rule) => rule.table === ticket.table && rule.trigger.includes(trigger))
        .some(({ when }) => {
          const query = compileQuery(when, fieldTypes)
          if (!query.ok) throw new Error(`${template.name}: ${query.reason}`)
          return query.matches(record, {}) === true
        }),
    )
    .map(({ template }) => template.name)
}

/** The form of a template for an incident: value, or the note why there is none. */
async function form(name: string, shortDescription: string): Promise<Record<string, unknown>> {
  const loaded = templates.find(({ template }) => template.name === name)
  if (loaded === undefined) throw new Error(`there is no template ${name}`)
  const ticket = incident({ short_description: shortDescription })
  const facts = factsOf({ ticket, actor: testActor, people: {} })
  const parameters = await prefill(loaded.template, facts)
  return Object.fromEntries(parameters.map((one) => [one.name, one.note ?? one.value]))
}

it('are six, without a mistake', () => {
  expect(problems).toEqual([])
  expect(templates.map(({ template }) => template.name)).toEqual([
    'collect-diagnostics',
    'free-disk-space',
    'new-shared-folder',
    'patch-web-farm',
    'restart-service',
    'rotate-log',
  ])
})

/** Every job a template names, what undoes a step included. */
function jobsOf({ job, pre_checks, steps, post_checks }: JobTemplate): string[] {
  const all = [...pre_checks, ...steps, ...post_checks]
  const undoing = steps.flatMap(({ rollback }) => (rollback === undefined ? [] : [rollback.job]))
  return [...(job === undefined ? [] : [job]), ...all.map((step) => step.job), ...undoing]
}

it('name jobs that the built-in runner can start', async () => {
  const baseDir = fileURLToPath(new URL('.', import.meta.url))
  const driver = createLocalDriver(
    { jobs_dir: 'jobs' },
    { dataDir: baseDir, baseDir, environment: {} },
  )

  for (const { template } of templates) {
    const { parameters } = template
    const jobs = jobsOf(template)
    expect(jobs).not.toEqual([])
    for (const job of jobs) {
      expect(await driver.check({ job, parameters }, soon()), job).toEqual([])
    }
  }
  await driver.close()
})

it.each([
  [{ short_description: 'Disk /var is 97 % full on lnx-app-01' }, ['free-disk-space']],
  [{ short_description: 'No SPACE left on device' }, ['free-disk-space']],
  [{ short_description: 'Server is slow', subcategory: 'disk' }, ['free-disk-space']],
  [{ short_description: 'Service nginx does not answer on lnx-app-01' }, ['restart-service']],
  [{ short_description: 'Log of nginx has grown too large' }, ['rotate-log']],
  [{ short_description: 'VPN drops every ten minutes' }, []],
  [{ short_description: 'Disk full', state: '6' }, []],
])('fit by hand to %j: %j and the diagnostics', (fields, expected) => {
  expect(matching(incident(fields), 'manual')).toEqual(['collect-diagnostics', ...expected])
})

it('fit to no closed incident', () => {
  const closed = incident({ short_description: 'Disk full', active: 'false', state: '7' })

  expect(matching(closed, 'manual')).toEqual([])
})

it('run by themselves only for a critical incident, and only what changes nothing', () => {
  const text = { short_description: 'Service nginx does not answer, disk full, log grows' }

  expect(matching(incident({ ...text, priority: '2' }), 'created')).toEqual([])
  expect(matching(incident({ ...text, priority: '1' }), 'created')).toEqual(['collect-diagnostics'])
})

it('run in production for who has itil there, and by themselves only what changes nothing', () => {
  const allowed = templates.map(({ template }) => [
    template.name,
    template.environment?.allow?.['production'],
  ])

  expect(Object.fromEntries(allowed)).toEqual({
    'collect-diagnostics': { roles: [], automatic: true },
    'free-disk-space': { roles: ['itil'] },
    'new-shared-folder': undefined,
    'patch-web-farm': undefined,
    'restart-service': { roles: ['itil'] },
    'rotate-log': { roles: ['itil'] },
  })
})

it('take their parameters from the ticket', async () => {
  expect(await form('free-disk-space', 'Disk /var is 97 % full')).toEqual({
    area: 'app-logs',
    older_than_days: 7,
    dry_run: false,
  })
  expect(await form('free-disk-space', 'Temp folder: no space')).toMatchObject({ area: 'temp' })
  expect(await form('restart-service', 'Service Nginx does not answer')).toEqual({
    service: 'nginx',
  })
  expect(await form('restart-service', 'It is down')).toEqual({ service: null })
  expect(await form('rotate-log', 'Log file of web-shop is too large')).toEqual({
    log: 'web-shop',
    keep: 5,
  })
})
