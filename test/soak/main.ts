// npm run soak -- [--small] [--minutes N] [--seed N]: prints what happened; exit code 1 = something was violated.
import { parseArgs } from 'node:util'

import { runSoak } from './soak.ts'

/** Tickets per second: enough to have work at every moment, little enough for real processes on two cores. */
const ticketsPerSecond = 6

const defaultMinutes = 5
const longestMinutes = 9
const smallSeconds = 15

const { values } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    minutes: { type: 'string', default: String(defaultMinutes) },
    seed: { type: 'string' },
  },
})
const minutes = Number(values.minutes)
if (!(minutes > 0 && minutes <= longestMinutes)) {
  console.error(`--minutes must be from 1 to ${longestMinutes}`)
  process.exit(2)
}
const seed = Number(values.seed ?? Date.now() % 1_000_000)
const seconds = values.small ? smallSeconds : minutes * 60
console.log(`soak: ${seconds} s of tickets and kills, then everything ends; seed ${seed}`)
const report = await runSoak({
  tickets: seconds * ticketsPerSecond,
  milliseconds: seconds * 1000,
  seed,
})
console.log(JSON.stringify({ ...report, violations: report.violations.length }, null, 2))
for (const violation of report.violations) console.error(`violated: ${violation}`)
process.exit(report.violations.length === 0 ? 0 : 1)
