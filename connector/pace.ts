// How many deliveries an instance may have in hand: all the workers offer as long as it answers, fewer and
// fewer while it does not. An instance that is away is asked by one delivery at a time, and the workers it would
// otherwise keep waiting serve the others.

/** The pace of all instances, in this process. */
export interface Pace {
  /** Takes a place. False = the instance has as many deliveries in hand as it can bear at present. */
  enter(instance: string): boolean
  /** Gives the place back, and says whether the instance answered. */
  leave(instance: string, answered: boolean): void
}

/** As many as all workers of the report queue together have in hand. */
const most = 200

/** Creates the pace: halved by every delivery without an answer, doubled by every one with an answer. */
export function createPace(): Pace {
  const places = new Map<string, { limit: number; taken: number }>()

  function placesOf(instance: string): { limit: number; taken: number } {
    const found = places.get(instance) ?? { limit: most, taken: 0 }
    places.set(instance, found)
    return found
  }

  return {
    enter(instance) {
      const own = placesOf(instance)
      if (own.taken >= own.limit) return false
      own.taken++
      return true
    },
    leave(instance, answered) {
      const own = placesOf(instance)
      own.taken--
      own.limit = answered ? Math.min(most, own.limit * 2) : Math.max(1, Math.floor(own.limit / 2))
    },
  }
}
