// Group commit: work that arrives while a transaction is under way shares the next one. One durable commit
// then serves many callers, which is what makes a slow disk bearable (DESIGN D5).

import { isDatabaseUnavailable } from './pool.ts'

/** Options of a group. */
interface GroupOptions {
  /** Most items in one transaction. */
  maxItems: number
}

/**
 * Returns a function that hands `item` to the next group and resolves with its own result. `commit` gets
 * the items of a group in order of arrival and answers in the same order. Groups never overlap. When a group
 * fails for one item's sake, each item stands for itself; a deadlock or a lost race is tried again.
 */
export function createGroupCommit<Item, Result>(
  commit: (items: readonly Item[]) => Promise<readonly Result[]>,
  options: GroupOptions,
): (item: Item) => Promise<Result> {
  let waiting: {
    item: Item
    resolve: (result: Result) => void
    reject: (error: unknown) => void
  }[] = []
  let busy = false

  async function flush(): Promise<void> {
    busy = true
    // What arrives in the same turn of the event loop belongs together.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (waiting.length > 0) {
      const group = waiting.splice(0, options.maxItems)
      await commitGroup(group)
    }
    busy = false
  }

  async function commitGroup(group: typeof waiting): Promise<void> {
    try {
      const results = await retryRaces(() => commit(group.map((entry) => entry.item)))
      for (const [index, entry] of group.entries()) {
        // `commit` answers one result per item, in order.
        entry.resolve(results[index] as Result)
      }
    } catch (error) {
      if (group.length > 1 && !isDatabaseUnavailable(error)) {
        for (const entry of group) await commitGroup([entry])
        return
      }
      for (const entry of group) entry.reject(error)
    }
  }

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      // flush never rejects: every failure goes to the callers of its group.
      if (!busy) void flush()
    })
}

/** SQLSTATE of a deadlock or a serialization failure: nothing was stored, and trying again helps. */
const raceStates = new Set(['40P01', '40001'])
const maxRaces = 5

/** Repeats a transaction that was the victim of a deadlock or lost a race, a few times. */
export async function retryRaces<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work()
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : ''
      if (tries >= maxRaces || !raceStates.has(code)) throw error
    }
  }
}
