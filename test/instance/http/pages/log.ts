// The system log, for admins: what scripts said and where they failed.
import type { FrontContext, Visitor } from '../context.ts'
import type { Incoming, Reply } from '../message.ts'
import { framePage } from './frame.ts'
import { markup } from './html.ts'

/** Lines on the page, newest first. */
const lines = 500

/** Renders `/syslog_list.do`. */
export function logPage(context: FrontContext, visitor: Visitor, incoming: Incoming): Reply {
  if (!visitor.session.roles.has('admin')) {
    return framePage(context, visitor, {
      title: 'System log',
      status: 403,
      main: markup`<h1>System log</h1>
        <p class="message error" role="alert">Only admins may read the log.</p>`,
    })
  }
  const entries = context.platform.log().slice(-lines).toReversed()
  return framePage(context, visitor, {
    title: 'System log',
    current: incoming.path,
    main: markup`<h1>System log</h1>
      ${
        entries.length === 0
          ? markup`<div class="card empty"><p>Nothing has been logged.</p></div>`
          : markup`<div class="card flush table-wrap">
              <table class="log">
                <thead>
                  <tr>
                    <th scope="col">Time (UTC)</th>
                    <th scope="col">Level</th>
                    <th scope="col">Source</th>
                    <th scope="col">Message</th>
                  </tr>
                </thead>
                <tbody>
                  ${entries.map(
                    (entry) =>
                      markup`<tr>
                        <td>${entry.at}</td>
                        <td>
                          <span class="state" data-tone="${toneOf(entry.level)}"
                            >${entry.level}</span
                          >
                        </td>
                        <td>${entry.source}</td>
                        <td class="pre">${entry.message}</td>
                      </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
      }`,
  })
}

function toneOf(level: string): string {
  if (level === 'error') return 'bad'
  return level === 'warn' ? 'warn' : 'plain'
}
