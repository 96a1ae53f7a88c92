// The instance's clock: real, or virtual (stands still until it is advanced). Times are stored as UTC
// 'yyyy-MM-dd HH:mm:ss', the platform's own form.

/** The time source of one instance. */
export interface Clock {
  kind: 'real' | 'virtual'
  now(): Date
  /** Sets a virtual clock; throws on a real one. */
  set(time: Date): void
}

/**
 * A clock. A virtual one starts at the real time of its creation (so that signatures made on it are fresh)
 * and stands still.
 */
export function createClock(kind: 'real' | 'virtual'): Clock {
  let standing = new Date(Math.floor(Date.now() / 1000) * 1000)
  return {
    kind,
    now: () => (kind === 'real' ? new Date() : new Date(standing)),
    set(time) {
      if (kind === 'real') throw new Error('a real clock cannot be set')
      standing = time
    },
  }
}

/** A date as the platform stores it: UTC 'yyyy-MM-dd HH:mm:ss'. */
export function toStored(date: Date): string {
  return date.toISOString().slice(0, 19).replace('T', ' ')
}

/** Milliseconds of a stored date or date-time (UTC), or null when it is none. */
export function fromStored(text: string): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}:\d{2}))?$/.exec(text.trim())
  if (!match) return null
  const time = Date.parse(`${match[1]}T${match[2] ?? '00:00:00'}Z`)
  return Number.isNaN(time) ? null : time
}
