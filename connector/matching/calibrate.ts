// From which score on a classifier may speak: the lowest at which it was right often enough on tickets it had not
// seen. Pure.

/** What the classifier would have said about one held-out ticket. Score null = nothing at all. */
export interface Trial {
  score: number | null
  right: boolean
}

/** The threshold, and how the trials above it went. */
export interface Calibration {
  threshold: number
  /** Share of trials above the threshold that were right. */
  precision: number
  /** Scores downwards, with the share of right ones among all trials that score at least as much. */
  curve: readonly { score: number; precision: number }[]
}

/** Points kept of the curve. */
const curvePoints = 20

/**
 * One-sided 90 % quantile of the normal distribution: with few trials a share may be luck, so its lower confidence
 * bound must reach the target (Wilson 1927; 31 trials that are all right just show 95 %).
 */
const luck = 1.2816

/** The lowest threshold whose precision is surely at least the target, or null when there is none. */
export function calibrate(trials: readonly Trial[], target: number): Calibration | null {
  const scored = trials
    .flatMap(({ score, right }) => (score === null ? [] : [{ score, right }]))
    .toSorted((a, b) => b.score - a.score)
  const curve: { score: number; precision: number }[] = []
  let rights = 0
  let enough = 0
  for (const [index, { score, right }] of scored.entries()) {
    rights += right ? 1 : 0
    const count = index + 1
    // Equal scores stand or fall together.
    if (scored[count]?.score === score) continue
    curve.push({ score, precision: rights / count })
    if (lowerBound(rights, count) >= target) enough = curve.length
  }
  const kept = curve.slice(0, enough)
  const last = kept.at(-1)
  if (last === undefined) return null
  const step = Math.ceil(kept.length / curvePoints)
  return {
    threshold: last.score,
    precision: last.precision,
    curve: kept.filter((_, index) => index % step === step - 1 || index === kept.length - 1),
  }
}

/** The share of right ones among the trials that were as clear as this score; above all of them, the first one's. */
export function confidenceAt({ curve, precision }: Calibration, score: number): number {
  return curve.find((point) => point.score <= score)?.precision ?? precision
}

/** Lower end of the Wilson score interval. */
function lowerBound(rights: number, count: number): number {
  const share = rights / count
  const square = luck * luck
  const centre = share + square / (2 * count)
  const spread = luck * Math.sqrt((share * (1 - share)) / count + square / (4 * count * count))
  return (centre - spread) / (1 + square / count)
}
