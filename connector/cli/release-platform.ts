// `platforms release`: takes a platform from a place that is gone for good, so that another one can have it.
import { releasePlatform as release } from '../db/platform-claims.ts'
import { commandOrigin, withStores } from './stores.ts'

/**
 * Releases the platform in the connector's database and prints what that means. False = nobody ever claimed it.
 * `env` names settings and database as for the connector itself. Throws config_invalid, database_start_failed,
 * migration_failed or database_unavailable.
 */
export async function releasePlatform(name: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  return await withStores(env, async ({ pool }) => {
    const released = await release(pool, name, commandOrigin())
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
  })
}
