// The instance's time, in the two forms the app needs. All of it comes from the platform's clock.
import { GlideDateTime } from '@servicenow/glide'

/** Now, in milliseconds since 1970. */
export function nowMs(): number {
  return new GlideDateTime().getNumericValue()
}

/** Milliseconds since 1970 as a stored date-time, `yyyy-MM-dd HH:mm:ss` in UTC. */
export function storedTime(milliseconds: number): string {
  return isoTime(milliseconds).slice(0, 19).replace('T', ' ')
}

/** Milliseconds since 1970 as ISO 8601 in UTC. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

/** ISO 8601 in UTC as a stored date-time. */
export function storedFromIso(iso: string): string {
  return storedTime(Date.parse(iso))
}

/** A stored date-time as ISO 8601, or null when it is empty. */
export function isoFromStored(stored: string | null): string | null {
  return stored ? stored.replace(' ', 'T') + '.000Z' : null
}
