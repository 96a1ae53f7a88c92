// The drivers of connector.yaml, one per platform.
import type { Config } from './config.ts'
import { ConnectorError, messageOf } from './errors.ts'
import type { Driver } from './platforms/driver.ts'
import { createDriver } from './platforms/index.ts'

/** The drivers of all configured platforms. Throws config_invalid that names the place in connector.yaml. */
export function createDrivers(config: Config): Map<string, Driver> {
  const platforms = Object.entries(config.platforms)
  return new Map(
    platforms.map(([name, settings]) => {
      try {
        const { baseDir, dataDir, environment } = config
        return [name, createDriver(settings, { baseDir, dataDir, environment })]
      } catch (error) {
        const place = config.locate(['platforms', name])
        throw new ConnectorError('config_invalid', `${place}: ${messageOf(error)}`, {
          cause: error,
        })
      }
    }),
  )
}
