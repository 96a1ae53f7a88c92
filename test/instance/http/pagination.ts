// The Link header of a list: rel first, prev, next, last, in the form that clients match with
// `<[^>]*sysparm_offset=(\d+)[^>]*>;\s*rel="next"` (@servicenow/sdk 4.9.0).
import type { Incoming } from './message.ts'

/** The header value; '' when everything fits on one page. */
export function paginationLink(
  incoming: Incoming,
  page: { limit: number; offset: number; total: number },
): string {
  const { limit, offset, total } = page
  if (total <= limit && offset === 0) return ''
  const links: string[] = []
  function add(rel: string, at: number): void {
    const query = new URLSearchParams(incoming.query)
    query.delete('sysparm_offset')
    query.set('sysparm_limit', String(limit))
    query.append('sysparm_offset', String(at))
    links.push(`<${incoming.base}${encodeURI(incoming.path)}?${query.toString()}>;rel="${rel}"`)
  }
  add('first', 0)
  if (offset > 0) add('prev', Math.max(0, offset - limit))
  if (offset + limit < total) add('next', offset + limit)
  add('last', total === 0 ? 0 : Math.floor((total - 1) / limit) * limit)
  return links.join(',')
}
