// What a command needs to read an instance: settings, the one instance that is meant, and errors in words that
// name the next step.
import { loadConfig } from '../config.ts'
import type { Config, Instance } from '../config.ts'
import { readFailure } from '../itsm/access.ts'
import type { ItsmAdapter } from '../itsm/adapter.ts'
import { createFieldTypes } from '../itsm/field-types.ts'
import type { FieldTypes } from '../itsm/field-types.ts'
import { createAdapters } from '../itsm/index.ts'

/** An instance that can be read. */
export interface InstanceAccess {
  config: Config
  instance: Instance
  adapter: ItsmAdapter
  fieldTypes: FieldTypes
}

/**
 * Opens the instance with this name (undefined = the only one) for one piece of work. Throws config_invalid, an
 * Error that lists the instances when it cannot tell which one is meant, and one with the next step when the
 * instance cannot be read.
 */
export async function withInstance<T>(
  env: NodeJS.ProcessEnv,
  name: string | undefined,
  work: (access: InstanceAccess) => Promise<T>,
): Promise<T> {
  const config = loadConfig(env)
  const instance = chooseInstance(config, name)
  const adapters = createAdapters({ ...config, instances: [instance] })
  const adapter = adapters.get(instance.name)
  if (adapter === undefined) throw new Error(`there is no adapter for ${instance.name}`)
  try {
    return await work({ config, instance, adapter, fieldTypes: createFieldTypes(adapter) })
  } catch (error) {
    throw new Error(readFailure(error, instance), { cause: error })
  } finally {
    await adapter.close()
  }
}

/** The instance that is meant. Throws an Error that lists those there are. */
export function chooseInstance({ instances }: Config, name: string | undefined): Instance {
  const names = instances.map((one) => one.name).join(', ')
  if (name === undefined) {
    const [only, ...others] = instances
    if (only !== undefined && others.length === 0) return only
    throw new Error(`several instances are configured (${names}): say which with --instance <name>`)
  }
  const found = instances.find((one) => one.name === name)
  if (found !== undefined) return found
  throw new Error(`there is no instance ${name} in connector.yaml; there are: ${names}`)
}
