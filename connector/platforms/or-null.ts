// What a platform does not have is often a normal answer.
import { ConnectorError } from '../errors.ts'

/** The promise's value, or null when the platform says that there is no such thing. */
export async function orNull<T>(promise: Promise<T>): Promise<T | null> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof ConnectorError && error.code === 'platform_job_not_found') return null
    throw error
  }
}
