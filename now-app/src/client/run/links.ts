// Links of the page. Only http and https ever become a link: a job link comes from another system.
import type { TicketKey } from './api.ts'
import { element } from './dom.ts'

/** The link back to the ticket's form. */
export function backLink(ticket: TicketKey, number = 'the ticket'): HTMLAnchorElement {
  const href = `${encodeURIComponent(ticket.table)}.do?sys_id=${encodeURIComponent(ticket.sysId)}`
  return element('a', { href, target: '_top' }, `Back to ${number}`)
}

/** A link to the job on its platform, or its id alone when there is no usable address. */
export function jobLink(job: { id: string; url: string }): HTMLElement {
  if (!/^https?:\/\//.test(job.url)) return element('span', {}, `Job ${job.id}`)
  return element(
    'a',
    { href: job.url, target: '_blank', rel: 'noopener noreferrer' },
    `Job ${job.id} (opens in a new window)`,
  )
}
