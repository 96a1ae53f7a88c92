// What Rundeck's API answers, as far as we use it. Spec: docs/api in rundeck/docs, rundeck-api-specs; what neither says
// (retriedExecution, errorCode, string ids) is from Rundeck's ApiService.
import { z } from 'zod'

/** Ids are numbers in some answers and text in others. */
const ExecutionId = z
  .union([z.int().positive(), z.string().regex(/^\d{1,18}$/)])
  .transform((id) => String(id))

/** YAML jobs have flags as text as well. */
const Flag = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform((flag) => flag === true || flag === 'true')

/** Values that a person typed; YAML makes numbers and dates of some. */
const Word = z.union([z.string(), z.number(), z.boolean()]).transform((word) => String(word))

const Moment = z.object({ unixtime: z.number() })

/** One execution: GET execution/{id}, the answer to a run, and a row of every list. */
export const Execution = z.object({
  id: ExecutionId,
  permalink: z.string().nullish(),
  status: z.string(),
  customStatus: z.string().nullish(),
  abortedby: z.string().nullish(),
  'date-started': Moment.nullish(),
  'date-ended': Moment.nullish(),
  job: z
    .object({
      id: z.string(),
      /** All options that are not secure, also those that the job does not declare. */
      options: z.record(z.string(), z.string().nullable()).nullish(),
    })
    .nullish(),
  successfulNodes: z.array(z.string()).nullish(),
  failedNodes: z.array(z.string()).nullish(),
  /** The next try of a job that retries. */
  retriedExecution: z.object({ id: ExecutionId }).nullish(),
})
export type Execution = z.infer<typeof Execution>

/** A page of executions. */
export const ExecutionList = z.object({
  paging: z.object({ total: z.number(), offset: z.number() }),
  executions: z.array(Execution),
})
export type ExecutionList = z.infer<typeof ExecutionList>

const StepState = z.object({
  executionState: z.string(),
  stepctx: z.string().nullish(),
  id: z.string().nullish(),
  nodeStates: z.record(z.string(), z.object({ executionState: z.string() })).nullish(),
})

/** GET execution/{id}/state; `error` "pending" while it is not there yet. */
export const WorkflowState = z.object({
  error: z.string().nullish(),
  stepCount: z.int().nullish(),
  steps: z.array(StepState).nullish(),
})
export type WorkflowState = z.infer<typeof WorkflowState>

/** GET execution/{id}/output. */
export const LogPage = z.object({
  offset: z.union([z.string(), z.number()]).transform((offset) => String(offset)),
  /** All there is has been read. Comes later than execCompleted when logs are stored elsewhere. */
  completed: Flag,
  /** The execution has ended. */
  execCompleted: Flag.nullish(),
  execState: z.string().nullish(),
  compacted: Flag.nullish(),
  entries: z
    .array(z.union([z.string(), z.object({ log: z.string().nullish() })]))
    .nullish()
    .transform((entries) => entries ?? []),
})
export type LogPage = z.infer<typeof LogPage>

/** Answer to an abort: 200 also when nothing was aborted. */
export const Abort = z.object({
  abort: z.object({ status: z.string(), reason: z.string().nullish() }),
})

/** GET job/{uuid}/info. */
export const JobInfo = z.object({
  project: z.string(),
  enabled: z.boolean().nullish(),
  averageDuration: z.number().nullish(),
})
export type JobInfo = z.infer<typeof JobInfo>

/** An option of a job. */
export const JobOption = z.object({
  name: z.string(),
  label: z.string().nullish(),
  description: z.string().nullish(),
  value: Word.nullish(),
  values: z.array(Word).nullish(),
  required: Flag.nullish(),
  enforced: Flag.nullish(),
  multivalued: Flag.nullish(),
  delimiter: z.string().nullish(),
  secure: Flag.nullish(),
  storagePath: z.string().nullish(),
  type: z.string().nullish(),
})
export type JobOption = z.infer<typeof JobOption>

/** A job's definition. Old YAML has the options by name instead of in a list. */
const JobDefinition = z.object({
  uuid: z.string().nullish(),
  id: z.string().nullish(),
  name: Word,
  group: Word.nullish(),
  description: z.string().nullish(),
  options: z
    .union([
      z.array(JobOption),
      z.record(z.string(), JobOption.omit({ name: true })).transform(namedOptions),
    ])
    .nullish()
    .transform((options) => options ?? []),
  sequence: z
    .object({ commands: z.array(z.object({ description: z.string().nullish() })).nullish() })
    .nullish(),
})
export type JobDefinition = z.infer<typeof JobDefinition>

function namedOptions(options: Record<string, Omit<JobOption, 'name'>>): JobOption[] {
  return Object.entries(options).map(([name, option]) => ({ ...option, name }))
}

/** GET job/{uuid} and jobs/export: always a list. */
export const JobDefinitions = z.array(JobDefinition)

/** GET project/{name}/jobs. */
export const JobList = z.array(z.object({ id: z.string() }))

/** GET projects. */
export const ProjectList = z.array(z.object({ name: z.string() }))

/** GET project/{name}/resources: nodes by name. */
export const Nodes = z.record(z.string(), z.unknown())

/** GET system/info. */
export const SystemInfo = z.object({
  system: z.object({
    timestamp: z.object({ epoch: z.number() }),
    rundeck: z.object({ version: z.string(), apiversion: z.number() }),
    executions: z.object({ active: z.boolean(), executionMode: z.string() }).nullish(),
  }),
})
export type SystemInfo = z.infer<typeof SystemInfo>

/** What Rundeck says when something is wrong. */
export const Failure = z.object({
  errorCode: z.string().nullish(),
  message: z.string().nullish(),
  apiversion: z.union([z.number(), z.string()]).nullish(),
})
export type Failure = z.infer<typeof Failure>

/** The body of a webhook notification in JSON. */
export const Notification = z.object({ executionId: ExecutionId })
