// The road as a process of its own, to be killed: everything between an accepted event and an acknowledged
// update, with a platform and an instance at the test that started it.
import { createPool } from '../../connector/db/pool.ts'
import { createQueue } from '../../connector/db/queue.ts'
import { createLog } from '../../connector/log.ts'
import { createMetrics } from '../../connector/metrics.ts'
import { startRoad } from '../../connector/road.ts'
import { makeConfig } from './config.ts'
import { farAdapter, farDriver } from './far-calls.ts'

const [connectionString = '', url = '', templatesDir = ''] = process.argv.slice(2)
process.once('disconnect', () => process.exit(1))
const log = createLog('error')
const pool = createPool(connectionString)
const queue = await createQueue({ connectionString, log })
const road = await startRoad({
  config: makeConfig({}, { TEMPLATES_DIR: templatesDir }),
  pool,
  queue,
  log,
  metrics: createMetrics(pool),
  drivers: new Map([['memory', farDriver(url)]]),
  adapters: new Map([['acme', farAdapter(url)]]),
})
process.once('message', () => {
  void queue
    .stop({ graceMs: 5_000 })
    .then(() => road.stop())
    .then(() => process.exit(0))
})
process.send?.('ready')
