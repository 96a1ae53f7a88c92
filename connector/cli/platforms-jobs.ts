// `platforms jobs`: what a platform can run.
import type { JobDescription } from '../platforms/driver.ts'
import { askLimit, withDrivers } from './platform-access.ts'
import { formatTable } from './table.ts'

/** Lists the jobs of a platform. Throws config_invalid, or when the platform cannot list them or does not answer. */
export async function listJobs(
  name: string,
  options: { search?: string; json?: boolean },
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const jobs = await describeJobs(name, options.search ?? null, env)
  if (options.json === true) {
    console.log(JSON.stringify({ jobs }, null, 2))
    return
  }
  if (jobs.length === 0) console.log('No job.')
  else console.log(formatTable(['Job', 'Title', 'Parameters'], jobs.map(rowOf)))
}

/** The jobs of a platform. Throws as listJobs does. */
export async function describeJobs(
  name: string,
  search: string | null,
  env: NodeJS.ProcessEnv,
): Promise<JobDescription[]> {
  return await withDrivers(name, env, async (drivers) => {
    const driver = drivers.get(name)
    if (driver?.describe === undefined) {
      throw new Error(
        `the platform ${name} cannot list its jobs (type ${driver?.type ?? 'unknown'})`,
      )
    }
    return await driver.describe(search, askLimit())
  })
}

function rowOf({ job, title, parameters }: JobDescription): string[] {
  const names = parameters.map(
    ({ name, type, required }) => `${name}${required ? '*' : ''}: ${type}`,
  )
  return [job, title, names.join(', ')]
}
