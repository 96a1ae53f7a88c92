// Job templates for the three processes as a platform admin would write them, on pretend jobs that leave what
// they got behind them and fail or wait when a test says so (process-site.ts).

/** The one text of all jobs; a job is known by the name of its file. */
export const jobText = `#!/usr/bin/env node
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
const name = basename(fileURLToPath(import.meta.url), '.mjs')
const text = readFileSync(0, 'utf8')
const { parameters, ticket } = JSON.parse(text)
function told(what) {
  const file = new URL(what + '-' + name, import.meta.url)
  const marks = existsSync(file) ? readFileSync(file, 'utf8').split('\\n') : []
  return marks.some((mark) => mark !== '' && text.includes(mark))
}
function leave(event) {
  const line = JSON.stringify({ event, job: name, parameters }) + '\\n'
  appendFileSync(new URL('seen-' + ticket.number, import.meta.url), line)
}
process.on('SIGTERM', () => {
  leave('asked to end')
  console.log('Asked to end: stopped in order.')
  process.exit(143)
})
leave('began')
const where = parameters.hosts ?? parameters.service ?? parameters.name ?? 'everything'
console.log(name + ' on ' + where)
if (told('holds')) console.log('::progress 40 Waiting for the other node')
while (told('holds')) await wait(20)
if (told('fails')) {
  console.log(name + ' did not work on ' + where)
  process.exit(1)
}
console.log('::progress 100 ' + name + ' is done on ' + where)
`

/** Names of the job files. */
export const jobNames = [
  'check-health',
  'drain-and-patch',
  'restore-packages',
  'restart-service',
  'check-service',
  'create-machine',
  'close-port',
  'open-port',
  'tell-owners',
] as const

/** A pretend job. */
export type JobName = (typeof jobNames)[number]

function job(name: JobName): string {
  return `${name}.mjs`
}

const production = { allow: { test: {}, production: { roles: ['itil_admin'] } } }

const changes: readonly Record<string, unknown>[] = [
  {
    name: 'patch-web-servers',
    title: 'Patch web servers',
    description: 'Patches the servers of a farm, one first, then three at a time.',
    pre_checks: [{ name: 'Farm is healthy', job: job('check-health') }],
    steps: [
      {
        name: 'Patch',
        job: job('drain-and-patch'),
        rollback: { job: job('restore-packages') },
      },
    ],
    post_checks: [{ name: 'Shop answers', job: job('check-health'), set: { deep: true } }],
    targets: { parameter: 'hosts', first: 1, each: 3 },
    match: [
      {
        table: 'change_request',
        when: 'active=true^short_descriptionLIKEpatch the web servers',
        trigger: ['manual'],
      },
    ],
    parameters: [
      {
        name: 'hosts',
        type: 'string',
        label: 'Servers',
        required: true,
        default: 'web-01, web-02, web-03, web-04',
      },
      { name: 'level', type: 'string', label: 'Patch level', default: '2026-11' },
    ],
    environment: { allow: { test: {} } },
  },
  {
    name: 'close-hole',
    title: 'Close the hole',
    description: 'Closes a port at once, tells the owners, and looks whether it is closed.',
    steps: [
      { name: 'Close port', job: job('close-port'), rollback: { job: job('open-port') } },
      { name: 'Tell the owners', job: job('tell-owners'), critical: false },
      { name: 'Close it on the others', job: job('close-port'), set: { others: true } },
    ],
    match: [
      {
        table: 'change_request',
        when: 'active=true^short_descriptionLIKEclose the hole',
        trigger: ['manual'],
      },
    ],
    parameters: [{ name: 'service', type: 'string', label: 'Service', required: true }],
    change: { types: ['emergency'] },
  },
]

const outcome = { succeeded: { transition: 'resolved' }, failed: { transition: 'in_progress' } }

const service = {
  name: 'service',
  type: 'string',
  label: 'Service',
  required: true,
  from: '$match(fields.short_description, /service ([a-z0-9-]+)/i, 1).groups[0]',
}

const incidents: readonly Record<string, unknown>[] = [
  {
    name: 'heal-service',
    title: 'Restart and verify',
    description: 'Restarts a service that the monitoring reports, and looks whether it answers.',
    steps: [{ name: 'Restart', job: job('restart-service') }],
    post_checks: [{ name: 'Service answers', job: job('check-service') }],
    match: [
      {
        table: 'incident',
        when: 'active=true^short_descriptionLIKEmonitoring',
        trigger: ['created'],
      },
    ],
    parameters: [service],
    environment: { allow: { test: { automatic: true } } },
    outcome,
  },
  {
    name: 'restart-service',
    title: 'Restart a service',
    description: 'Restarts one service. In production for operators only.',
    job: job('restart-service'),
    match: [
      {
        table: 'incident',
        when: 'active=true^short_descriptionLIKErestart',
        trigger: ['manual'],
      },
    ],
    parameters: [service],
    environment: production,
    outcome,
  },
]

const orders: readonly Record<string, unknown>[] = [
  {
    name: 'create-machine',
    title: 'Create a virtual machine',
    description: 'Creates the machine that was ordered.',
    job: job('create-machine'),
    match: [{ table: 'sc_req_item', when: 'active=true', trigger: ['ordered', 'manual'] }],
    catalog: { items: ['New virtual machine'] },
    parameters: [
      {
        name: 'name',
        type: 'string',
        label: 'Name of the machine',
        required: true,
        from: 'variables.vm_name',
        pattern: '[a-z][a-z0-9-]{2,30}',
        help: '3 to 31 lower case letters, digits and -',
      },
      {
        name: 'size',
        type: 'choice',
        label: 'Size',
        choices: [
          { value: 'small', label: 'Small' },
          { value: 'medium', label: 'Medium' },
          { value: 'large', label: 'Large' },
        ],
        from: 'variables.size',
      },
      {
        name: 'disk',
        type: 'integer',
        label: 'Disk (GB)',
        min: 10,
        max: 500,
        from: 'variables.disk_gb',
      },
      {
        name: 'owner',
        type: 'string',
        label: 'Owner',
        editable: false,
        from: 'people.requested_by.user_name',
      },
    ],
  },
]

/** All of them. */
export const processTemplates: readonly Record<string, unknown>[] = [
  ...changes,
  ...incidents,
  ...orders,
]
