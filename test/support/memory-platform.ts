// A job platform in memory: jobs end when told to (or at once), and every call can be made to fail.
import type { Driver, JobStatus, LaunchRequest } from '../../connector/platforms/driver.ts'

/** A job as this platform knows it. */
export interface MemoryJob {
  id: string
  request: LaunchRequest
  status: JobStatus
  output: string
}

/** What the next call to a method does instead of its work. `lost` = does it, then fails. */
export type Fault = { error: Error; lost?: boolean }

/** The platform and its controls. */
export interface MemoryPlatform {
  driver: Driver
  /** In order of launch. */
  jobs: MemoryJob[]
  /** Queues faults per method; each call takes one. */
  faults: Record<'launch' | 'find' | 'status' | 'cancel', Fault[]>
  /** How a job ends the moment it is launched; null = it runs until told. */
  outcomeOf: (request: LaunchRequest) => Partial<JobStatus> | null
  end(job: MemoryJob, status: Partial<JobStatus>): void
}

/** How the platform behaves. */
interface MemoryOptions {
  /** Jobs succeed the moment they are launched. */
  instant?: boolean
  find?: boolean
  pollDelayMs?: number
  /** Jobs end as `outcomeOf` says, and are looked at right after their launch. */
  outcomeOf?: MemoryPlatform['outcomeOf']
}

const running: JobStatus = {
  state: 'running',
  progress: 0,
  message: '',
  startedAt: null,
  finishedAt: null,
  exitCode: null,
}

const ended: JobStatus = {
  ...running,
  state: 'succeeded',
  progress: 100,
  message: 'Done.',
  exitCode: 0,
}

/** Creates the platform. */
export function createMemoryPlatform(options: MemoryOptions = {}): MemoryPlatform {
  const jobs: MemoryJob[] = []
  const listeners: ((jobId: string) => void)[] = []
  const faults: MemoryPlatform['faults'] = { launch: [], find: [], status: [], cancel: [] }

  async function call<T>(name: keyof typeof faults, work: () => T): Promise<T> {
    const fault = faults[name].shift()
    if (fault === undefined) return work()
    if (fault.lost === true) work()
    throw fault.error
  }

  function jobOf(id: string): MemoryJob {
    const job = jobs.find((candidate) => candidate.id === id)
    if (job === undefined) throw new TypeError(`no job ${id}`)
    return job
  }

  const driver: Driver = {
    type: 'memory',
    capabilities: {
      find: options.find ?? true,
      cancel: true,
      progress: true,
      output: true,
      describe: false,
      targets: false,
      callback: 'none',
    },
    check: () => Promise.resolve([]),
    launch: (request) =>
      call('launch', () => {
        const id = `job-${jobs.length + 1}`
        const outcome = platform.outcomeOf(request)
        const status = outcome === null ? running : { ...ended, ...outcome }
        jobs.push({ id, request: structuredClone(request), status, output: '' })
        return { id, url: null }
      }),
    find: (token) =>
      call('find', () => {
        const job = jobs.find((candidate) => candidate.request.token === token)
        return job === undefined ? null : { id: job.id, url: null }
      }),
    status: (id) => call('status', () => jobOf(id).status),
    async output(id, cursor) {
      const { output } = jobOf(id)
      return { text: output.slice(Number(cursor ?? 0)), omitted: 0, cursor: String(output.length) }
    },
    cancel: (id) =>
      call('cancel', () => {
        const job = jobOf(id)
        if (job.status.state !== 'running') return 'already_finished'
        job.status = { ...job.status, state: 'cancelled' }
        return 'cancelled'
      }),
    pollDelayMs(runningForMs) {
      if (options.pollDelayMs !== undefined) return options.pollDelayMs
      const looksAtOnce = options.outcomeOf !== undefined && runningForMs === 0
      return options.instant === true || looksAtOnce ? 0 : 60_000
    },
    onFinished: (listener) => listeners.push(listener),
    close: () => Promise.resolve(),
  }

  const platform: MemoryPlatform = {
    driver,
    jobs,
    faults,
    outcomeOf: options.outcomeOf ?? (() => (options.instant === true ? {} : null)),
    end(job, status) {
      job.status = { ...job.status, state: 'succeeded', finishedAt: new Date(), ...status }
      for (const listener of listeners) listener(job.id)
    },
  }
  return platform
}
