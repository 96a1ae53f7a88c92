// The registry of drivers, by hand: adding a platform is its file and one line here.
import { ConnectorError } from '../errors.ts'
import { createAwxDriver } from './awx.ts'
import type { Driver } from './driver.ts'
import { createGenericHttpDriver } from './generic-http.ts'
import { createGithubDriver } from './github.ts'
import { createGitlabDriver } from './gitlab.ts'
import { createJenkinsDriver } from './jenkins.ts'
import { createLocalDriver } from './local.ts'
import type { LocalDeps } from './local.ts'
import { createRundeckDriver } from './rundeck.ts'
import { createStackstormDriver } from './stackstorm.ts'

/** What the connector offers to drivers; each takes what it needs. */
export type DriverDeps = LocalDeps

type Factory = (options: unknown, deps: DriverDeps) => Driver

/** Type of a platform in connector.yaml -> its driver. */
export const driverTypes: ReadonlyMap<string, Factory> = new Map<string, Factory>([
  ['awx', createAwxDriver],
  ['github', createGithubDriver],
  ['gitlab', createGitlabDriver],
  ['http', createGenericHttpDriver],
  ['jenkins', createJenkinsDriver],
  ['local', createLocalDriver],
  ['rundeck', createRundeckDriver],
  ['stackstorm', createStackstormDriver],
])

/**
 * The driver of one platform: `type` names it, and it checks the other settings with its own schema.
 * Throws config_invalid for an unknown type or wrong options.
 */
export function createDriver(
  settings: { type: string; [option: string]: unknown },
  deps: DriverDeps,
): Driver {
  const { type, ...options } = settings
  const factory = driverTypes.get(type)
  if (factory !== undefined) return factory(options, deps)
  const known = [...driverTypes.keys()].join(', ')
  throw new ConnectorError('config_invalid', `type ${type}: no such driver (known: ${known})`)
}
