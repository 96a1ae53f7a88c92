// Durations as templates write them (30s, 10m, 2h, 7d).

const unitMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a duration that the Duration schema accepted. */
export function durationMs(duration: string): number {
  const unit = unitMs[duration.slice(-1)]
  const count = Number(duration.slice(0, -1))
  if (unit === undefined || !Number.isFinite(count)) {
    throw new TypeError(`not a duration: ${duration}`)
  }
  return count * unit
}
