// An instance in the test's own process, on a free port of loopback.
import { builtApp } from '../../support/instance.ts'
import { bearerOf } from '../../support/plain-http.ts'
import { startInstance } from '../start.ts'
import type { InstanceOptions, RunningInstance } from '../start.ts'

/** An instance and the way in for the integration user. */
export interface TestInstance extends RunningInstance {
  /** Headers of a JSON request as the integration user; {} behind TLS. */
  bearer: Record<string, string>
}

/** The OAuth client that is let in. */
export const oauthClient = {
  clientId: 'connector',
  clientSecret: 'connector-secret',
  userName: 'ticket.automation',
}

/** Opens an instance; with `app` the built one is installed. Without samples, so that tests see their own records. */
export async function openInstance(
  options: { tls?: NonNullable<InstanceOptions['tls']>; app?: boolean } = {},
): Promise<TestInstance> {
  const instance = await startInstance({
    tls: options.tls ?? null,
    platform: { appDir: options.app === true ? builtApp : null, samples: false },
    oauthClients: [oauthClient],
    onError: (error) => {
      throw error
    },
  })
  const bearer = options.tls === undefined ? await bearerOf(instance.url, oauthClient) : {}
  return { ...instance, bearer }
}
