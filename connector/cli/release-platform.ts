// `platforms release`: takes a platform from a place that is gone for good, so that another one can have it.
import { loadConfig } from '../config.ts'
import { startEngine } from '../db/engine.ts'
import { migrate } from '../db/migrate.ts'
import { releasePlatform as release } from '../db/platform-claims.ts'
import { createPool } from '../db/pool.ts'
import { createLog } from '../log.ts'

/**
 * Releases the platform in the connector's database and prints what that means. False = nobody ever claimed it.
 * `env` names settings and database as for the connector itself. Throws config_invalid, database_start_failed,
 * migration_failed or database_unavailable.
 */
export async function releasePlatform(name: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const config = loadConfig(env)
  const log = createLog('silent')
  const { dataDir } = config
  const engine = await startEngine({
    databaseUrl: config.databaseUrl?.reveal() ?? null,
    dataDir,
    log,
  })
  const pool = createPool(engine.connectionString)
  try {
    await migrate(pool, { log })
    const released = await release(pool, name)
    if (released === null) {
      console.error(`No connector has ever claimed a platform called ${name}.`)
      return false
    }
    console.log(
      `${name} is released from ${released.place}; the next connector that starts gets it.`,
    )
    console.log(
      released.leftBehind === 0
        ? 'No job was unfinished there.'
        : `Unfinished jobs there: ${released.leftBehind}. Nobody else can tell how they end: their runs will be unknown, ` +
            'and none is started again. A connector that is still running there starts nothing more until it is restarted.',
    )
    return true
  } finally {
    await pool.end()
    await engine.stop()
  }
}
