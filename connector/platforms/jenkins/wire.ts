// What Jenkins says, as far as it is used: fields of its remote API (`/api/json?tree=…`) and of the stage API of the
// pipeline plugin (`/wfapi/describe`).
import { z } from 'zod'

/** Protection against forged requests. */
export const Crumb = z.object({ crumb: z.string(), crumbRequestField: z.string() })

const Actions = z
  .array(
    z
      .object({
        parameters: z
          .array(z.object({ name: z.string(), value: z.unknown().optional() }))
          .optional(),
      })
      .nullable(),
  )
  .nullish()

const actionsTree = 'actions[parameters[name,value]]'

/** A parameter as a job declares it. `type` is the name of a Java class. */
export const Definition = z.object({
  name: z.string(),
  type: z.string(),
  description: z.string().nullish(),
  choices: z.array(z.string()).nullish(),
  defaultParameterValue: z
    .object({ value: z.union([z.string(), z.boolean(), z.number()]).nullish() })
    .nullish(),
})
export type Definition = z.infer<typeof Definition>

const Property = z.object({ parameterDefinitions: z.array(Definition).nullish() }).nullable()

/** A job; a folder has no `buildable`. */
export const Job = z.object({
  fullName: z.string().optional(),
  description: z.string().nullish(),
  buildable: z.boolean().optional(),
  property: z.array(Property).nullish(),
})
export type Job = z.infer<typeof Job>

export const jobTree =
  'fullName,description,buildable,property[parameterDefinitions[name,type,description,choices,defaultParameterValue[value]]]'

/** A build. */
export const Build = z.object({
  _class: z.string().optional(),
  number: z.int(),
  queueId: z.int().nullish(),
  result: z.string().nullish(),
  building: z.boolean().nullish(),
  inProgress: z.boolean().nullish(),
  timestamp: z.number(),
  duration: z.number().nullish(),
  actions: Actions,
})
export type Build = z.infer<typeof Build>

export const buildTree = `number,queueId,result,building,inProgress,timestamp,duration,${actionsTree}`

/** Builds of a job, newest first. */
export const Builds = z.object({ allBuilds: z.array(Build).nullish() })

/** The tree of the builds at these places, the newest being 0. */
export function buildsTree(from: number, to: number): string {
  return `allBuilds[${buildTree}]{${from},${to}}`
}

/** An item of the queue; one that left it is kept for five minutes. */
export const QueueItem = z.object({
  id: z.int(),
  why: z.string().nullish(),
  stuck: z.boolean().nullish(),
  cancelled: z.boolean().nullish(),
  executable: z.object({ number: z.int() }).nullish(),
  actions: Actions,
})
export type QueueItem = z.infer<typeof QueueItem>

export const itemTree = `id,why,stuck,cancelled,executable[number],${actionsTree}`

/** The queue. */
export const Queue = z.object({ items: z.array(QueueItem).nullish() })

/** Stages of a pipeline's build, as far as they have begun. */
export const Stages = z.object({
  stages: z.array(z.object({ name: z.string(), status: z.string() })).nullish(),
})
export type Stages = z.infer<typeof Stages>

/** Who we are. */
export const WhoAmI = z.object({ name: z.string(), anonymous: z.boolean().nullish() })

/** What the Notification plugin sends; jobs may send the same by hand. */
export const Notification = z.object({
  url: z.string().optional(),
  build: z.object({
    queue_id: z.int(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
})

/** The value of a parameter of a build or an item; null = it has none of that name. */
export function parameterOf(thing: Pick<Build, 'actions'>, name: string): string | null {
  const parameters = (thing.actions ?? []).flatMap((action) => action?.parameters ?? [])
  const value = parameters.find((parameter) => parameter.name === name)?.value
  return typeof value === 'string' ? value : null
}
