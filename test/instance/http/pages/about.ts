// What this is, what it does not do, and the switches in force. Open to everybody: it is the honest label.
import type { FrontContext, Visitor } from '../context.ts'
import type { Reply } from '../message.ts'
import { framePage } from './frame.ts'
import { markup } from './html.ts'
import type { Html } from './html.ts'

const notEmulated = [
  'Flow Designer engine and workflows',
  'Approval records and approval policies: the field Approval of a change takes the decision itself; a normal change asks twice (Assess, Authorize)',
  'Change models beyond the three classic types; change tasks; conflict detection',
  'Multi-row variable sets, order guides, carts, prices; approvals of requests',
  'Notifications and e-mail',
  'SLA engine',
  'Domain separation',
  'Text search, related-list and JOIN queries, data hierarchies, tags',
  'Dynamic filters beyond Me and My groups',
  'Scripted ACLs beyond the simplest conditions; ACL inheritance details',
  'UI policies, client scripts, form views and dependent choices',
  'Service Portal, workspaces, dashboards',
  'Upgrades, clones, update sets',
  'Performance, concurrency and quotas; database collation',
  'The exact wording of errors outside the recorded ones',
  'Table API answers in XML; batch API; attachments; aggregates beyond counts',
  'OAuth grants other than client credentials; multi-factor sign-in',
  'Time zones of users: every time is shown in UTC',
] as const

const controls = [
  {
    path: 'fail-next',
    input:
      '{"kind":"timeout|429|500|html|200-with-error","count":1,"path":"/api/","when":"before|after","retry_after_seconds":1}',
    what: 'the next requests to the path fail; after = the work is done, only the answer is lost',
  },
  { path: 'clear-faults', input: '{}', what: 'forget faults not yet used' },
  { path: 'faults', input: '{}', what: 'faults still waiting' },
  { path: 'settle', input: '{}', what: 'answers when no async rule, event or due job is left' },
  {
    path: 'advance',
    input: '{"milliseconds":60000}',
    what: 'moves a virtual clock and runs what became due',
  },
  { path: 'log', input: '{}', what: 'system log' },
  {
    path: 'record',
    input: '{"table":"incident","sys_id":"…"}',
    what: 'stored values and journal of a record, without access rules',
  },
  {
    path: 'records',
    input: '{"table":"incident","query":"active=true"}',
    what: 'stored values of several records',
  },
] as const

/** Renders `/about`. */
export function aboutPage(context: FrontContext, visitor: Visitor | null): Reply {
  return framePage(context, visitor, {
    title: 'About this instance',
    current: '/about',
    main: markup`<h1>About this instance</h1>
<section class="card"><p class="lead">This is a stand-in for development, demonstration and tests. It is <strong>not ServiceNow</strong>, is not made by ServiceNow and contains nothing of it. It loads the built app, runs its real server scripts and answers the parts of the platform's interface that the app and the connector use.</p>
<p>That something works here shows that its logic is right. It does not show that an instance accepts it: that is checked on a real one before release.</p></section>
<section class="card"><h2>Not emulated</h2><ul class="plain">${notEmulated.map((item) => markup`<li>${item}</li>`)}</ul></section>
<section class="card"><h2>Switches in force</h2><dl class="pairs">${Object.entries(
      context.described,
    ).map(
      ([name, value]) => markup`<div><dt>${name}</dt><dd><code>${value}</code></dd></div>`,
    )}</dl></section>
${controlInterface()}`,
  })
}

function controlInterface(): Html {
  return markup`<section class="card"><h2>Control interface</h2>
<p>For tests and demonstrations: <code>POST /__local/…</code> with a JSON object, from this machine only.</p>
<div class="table-wrap"><table>
<thead><tr><th scope="col">Path</th><th scope="col">Input</th><th scope="col">Effect</th></tr></thead>
<tbody>${controls.map(
    (control) =>
      markup`<tr><td><code>/__local/${control.path}</code></td><td><code>${control.input}</code></td><td>${control.what}</td></tr>`,
  )}</tbody></table></div></section>`
}
