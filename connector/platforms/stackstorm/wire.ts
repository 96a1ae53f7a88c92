// What StackStorm says, as far as it is used (its openapi.yaml; states: st2common/constants/action.py).
import { z } from 'zod'

/** A parameter of an action or its runner, much like a JSON schema. */
export const Parameter = z.object({
  type: z.string().nullish(),
  description: z.string().nullish(),
  required: z.boolean().nullish(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).nullish(),
  secret: z.boolean().nullish(),
  immutable: z.boolean().nullish(),
})
export type Parameter = z.infer<typeof Parameter>

/** An action. */
export const Action = z.object({
  ref: z.string(),
  description: z.string().nullish(),
  enabled: z.boolean().nullish(),
  parameters: z.record(z.string(), Parameter).nullish(),
})
export type Action = z.infer<typeof Action>

export const Actions = z.array(Action)

/** Parameters of an action together with those of its runner. */
export const ParametersView = z.object({ parameters: z.record(z.string(), Parameter) })

/** An execution of an action. */
export const Execution = z.object({
  id: z.string(),
  status: z.string(),
  start_timestamp: z.string().nullish(),
  end_timestamp: z.string().nullish(),
  parent: z.string().nullish(),
  runner: z.object({ name: z.string().nullish() }).nullish(),
  context: z
    .object({
      trace_context: z.object({ trace_tag: z.string().nullish() }).nullish(),
      orquesta: z.object({ task_name: z.string().nullish() }).nullish(),
    })
    .nullish(),
})
export type Execution = z.infer<typeof Execution>

export const Executions = z.array(Execution)

/** What is read of an execution; its result may be large. */
export const executionFields = 'id,status,start_timestamp,end_timestamp,parent,runner,context'

/** The result of an execution; runners of shells have a code and what was printed. */
export const WithResult = z.object({
  result: z
    .object({
      return_code: z.int().optional().catch(undefined),
      stderr: z.string().optional().catch(undefined),
      error: z.string().optional().catch(undefined),
    })
    .nullish()
    .catch(null),
})
export type WithResult = z.infer<typeof WithResult>

/** All that came of one event or launch. */
export const Traces = z.array(
  z.object({
    trace_tag: z.string(),
    action_executions: z.array(z.object({ object_id: z.string() })).nullish(),
  }),
)

/** How StackStorm refuses, sometimes with a 200. */
export const Fault = z.object({ faultstring: z.string() })

/** StackStorm itself. */
export const Root = z.object({ version: z.string() })

/** Who we are. */
export const User = z.object({ username: z.string() })

/** What a rule of StackStorm posts to us. */
export const Notice = z.object({ execution_id: z.string().regex(/^[0-9a-f]{24}$/) })
