// The registry of ITSM adapters. Adding one = its file, one line here, its test, a README row.
import type { Config } from '../config.ts'
import type { ItsmAdapter } from './adapter.ts'
import { createServiceNow } from './servicenow.ts'

/** One adapter per configured instance, by the instance's name. */
export function createAdapters(config: Config): Map<string, ItsmAdapter> {
  return new Map(
    config.instances.map((instance) => [
      instance.name,
      createServiceNow(instance, config.audience),
    ]),
  )
}
