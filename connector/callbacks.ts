// Calls of job platforms (POST /v1/platforms/{name}/callback): the driver proves them where its platform signs, and
// says which job they are about. They only ever pull a status read forward; what they claim is not believed.
import type { Pool } from './db/pool.ts'
import type { Queue } from './db/queue.ts'
import { pullForward } from './db/runs.ts'
import { ConnectorError } from './errors.ts'
import type { CallbackHint, CallbackRequest, Driver } from './platforms/driver.ts'
import { Refusal } from './refusal.ts'

/** What taking a call needs. */
interface CallbackDeps {
  pool: Pool
  queue: Queue
  drivers: ReadonlyMap<string, Driver>
  now: () => Date
}

/**
 * Takes one call. Throws Refusal: not_found when there is no such platform or it calls nobody, callback_refused when
 * the driver does not believe it is the platform, callback_invalid when the driver cannot read it.
 */
export async function takeCallback(
  platform: string,
  request: CallbackRequest,
  deps: CallbackDeps,
): Promise<void> {
  const { pool, queue, drivers, now } = deps
  const driver = drivers.get(platform)
  if (driver?.callback === undefined) {
    throw new Refusal('not_found', `there is no platform ${platform} that calls the connector`)
  }
  const { jobId } = read(driver, request)
  if (jobId !== null) await wakeRunOf({ platform, jobId }, { pool, queue, now: now() })
}

/** Has the run of a job looked at now. A job nobody waits for is nobody's business. */
export async function wakeRunOf(
  job: { platform: string; jobId: string },
  deps: { pool: Pool; queue: Queue; now: Date },
): Promise<void> {
  const keys = await pullForward(deps.pool, job, deps.now)
  await deps.queue.send(
    deps.pool,
    'advance',
    keys.map((key) => ({ key, data: {} })),
  )
  deps.queue.kick('advance')
}

function read(driver: Driver, request: CallbackRequest): CallbackHint {
  try {
    return driver.callback?.(request) ?? { jobId: null }
  } catch (cause) {
    if (!(cause instanceof ConnectorError)) throw cause
    const code = cause.code === 'platform_auth' ? 'callback_refused' : 'callback_invalid'
    throw new Refusal(code, cause.message, { cause })
  }
}
