// Reading a table page by page without an offset: each page begins after the last row of the one before. Rows
// that come, go or share a time of creation meanwhile are neither skipped nor read twice. Pure.

/** The last row read: stored values. */
export interface Position {
  /** sys_created_on, `yyyy-MM-dd HH:mm:ss` in UTC. */
  createdOn: string
  sysId: string
}

/**
 * The encoded query of the next page, ordered by time of creation and sys_id. What the given query has of an
 * order of its own is left out. `after` = the last row read, or null for the first page.
 *
 * "Later, or as late with a larger sys_id" is written as an AND of ORs, because ^OR binds to the condition before
 * it (SDK guide "Encoded Queries"): created >= t AND (created > t OR sys_id > id). So it can follow any group of
 * conditions, and has to follow each one that ^NQ begins.
 */
export function pageQuery(query: string, after: Position | null): string {
  const tokens = query.split('^').filter((token) => !isNeutral(token))
  const groups: string[][] = [[]]
  for (const token of tokens) {
    if (!token.startsWith('NQ')) {
      groups.at(-1)?.push(token)
      continue
    }
    groups.push(token === 'NQ' ? [] : [token.slice(2)])
  }
  const condition = after === null ? [] : conditionOf(after)
  const text = groups.map((group) => [...group, ...condition].join('^')).join('^NQ')
  return [text, 'ORDERBYsys_created_on', 'ORDERBYsys_id'].filter((part) => part !== '').join('^')
}

function conditionOf({ createdOn, sysId }: Position): string[] {
  return [`sys_created_on>=${createdOn}`, `sys_created_on>${createdOn}`, `ORsys_id>${sysId}`]
}

function isNeutral(token: string): boolean {
  return (
    token === '' || token === 'EQ' || token.startsWith('ORDERBY') || token.startsWith('GROUPBY')
  )
}
