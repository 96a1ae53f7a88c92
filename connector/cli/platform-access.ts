// A platform of connector.yaml for one command.
import { loadConfig } from '../config.ts'
import { createDrivers } from '../configured-drivers.ts'
import type { Driver } from '../platforms/driver.ts'

/** One question to a platform may take this long. */
const askTimeoutMs = 20_000

/** A time limit for one question. */
export function askLimit(): AbortSignal {
  return AbortSignal.timeout(askTimeoutMs)
}

/**
 * Does some work with the configured drivers and closes them. Throws config_invalid, or an error that lists the
 * platforms there are when `name` is none of them.
 */
export async function withDrivers<T>(
  name: string | null,
  env: NodeJS.ProcessEnv,
  work: (drivers: ReadonlyMap<string, Driver>) => Promise<T>,
): Promise<T> {
  const drivers = createDrivers(loadConfig(env))
  try {
    if (name === null) return await work(drivers)
    const driver = drivers.get(name)
    if (driver !== undefined) return await work(new Map([[name, driver]]))
    const known =
      drivers.size === 0 ? 'there is none' : `there are ${[...drivers.keys()].join(', ')}`
    throw new Error(`no platform ${name} in connector.yaml (${known})`)
  } finally {
    await Promise.all([...drivers.values()].map((driver) => driver.close()))
  }
}
