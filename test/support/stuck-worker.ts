// A worker process that takes jobs and never finishes them, for tests that kill it.
import { createQueue } from '../../connector/db/queue.ts'
import { createLog } from '../../connector/log.ts'

const connectionString = process.argv[2] ?? ''
const queue = await createQueue({ connectionString, log: createLog('silent') })
await queue.work('advance', { batchSize: 10, workers: 1 }, async (jobs) => {
  process.send?.(jobs.map((job) => job.key))
  return new Promise(() => undefined)
})
