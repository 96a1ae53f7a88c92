// A process that uses the embedded database until it is told to stop or killed.
import { startEngine } from '../../connector/db/engine.ts'
import { createLog } from '../../connector/log.ts'

const dataDir = process.argv[2] ?? ''
const engine = await startEngine({ databaseUrl: null, dataDir, log: createLog('silent') })
process.on('message', () => {
  void engine.stop().then(() => process.exit(0))
})
process.send?.(engine.connectionString)
