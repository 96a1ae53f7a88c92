// Times as people read them in receipts and notes: always UTC, always saying so. Pure.

/** `2026-06-10 14:00 UTC`. Seconds are cut off. Throws RangeError for an invalid date. */
export function utcTime(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
