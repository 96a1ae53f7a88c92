// Counts the most frequent of many names in bounded memory (Metwally, Agrawal, El Abbadi: Efficient Computation of
// Frequent and Top-k Elements in Data Streams, 2005). Exact as long as there are no more names than places.

/** Counts of names. */
export interface TopCounts {
  add(name: string): void
  /** The most frequent names, those with the same count in their order. */
  top(most: number): { name: string; count: number }[]
  /** False = there were more names than places, so counts of rare ones may be too high. */
  exact(): boolean
}

/** Creates counts with so many places. */
export function createTopCounts(places: number): TopCounts {
  const counts = new Map<string, number>()
  let exact = true

  function rarest(): [name: string, count: number] {
    let found: [string, number] = ['', Infinity]
    for (const entry of counts) if (entry[1] < found[1]) found = entry
    return found
  }

  return {
    add(name) {
      const known = counts.get(name)
      if (known !== undefined || counts.size < places) {
        counts.set(name, (known ?? 0) + 1)
        return
      }
      exact = false
      // The newcomer takes the rarest one's place and count: no frequent name is ever lost.
      const [loser, count] = rarest()
      counts.delete(loser)
      counts.set(name, count + 1)
    },
    top: (most) =>
      [...counts]
        .map(([name, count]) => ({ name, count }))
        .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
        .slice(0, most),
    exact: () => exact,
  }
}
