// The company's own rules for all templates: the section `policy` of connector.yaml with its defaults. Data
// only; who looks at it is said at each part.
import { z } from 'zod'

import { Duration } from '#shared/job-steps.ts'
import { changeTypes } from '#shared/vocabulary.ts'

const Moment = z.iso.datetime({
  offset: true,
  error: 'must be a time with its zone, such as 2026-12-20T18:00:00+01:00',
})

/** A time in which nothing starts (checks/freeze.ts). An empty list means "all of them". */
export const Freeze = z.strictObject({
  name: z.string().min(1).max(100),
  from: Moment,
  to: Moment,
  tables: z.array(z.string().min(1)).default([]),
  environments: z.array(z.string().min(1)).default([]),
  templates: z.array(z.string().min(1)).default([]),
  except_change_types: z.array(z.enum(changeTypes)).default(['emergency']),
})
export type Freeze = z.infer<typeof Freeze>

/** What one type of change needs, and how it ends (processes/change.ts, checks/). */
export interface ChangeType {
  /** The change must be approved; a standard change is approved beforehand. */
  approval: boolean
  /** required = planned start and end must be set; a set window is always kept to. */
  window: 'required' | 'optional'
  /** Go on when a step that is not critical fails. */
  go_on_after_non_critical: boolean
  /** State a successful change is taken to. */
  ends_in: 'review' | 'closed'
}

/** The settings of one type of change: what is left out is as it stands in `standard`. */
function changeType(standard: ChangeType): z.ZodPrefault<z.ZodType<ChangeType, object>> {
  return z
    .strictObject({
      approval: z.boolean().default(standard.approval),
      window: z.enum(['required', 'optional']).default(standard.window),
      go_on_after_non_critical: z.boolean().default(standard.go_on_after_non_critical),
      ends_in: z.enum(['review', 'closed']).default(standard.ends_in),
    })
    .prefault({})
}

/** What happens to a ticket that no automation fits (processes/hand-over.ts). */
export const HandOver = z.strictObject({
  note: z
    .enum(['never', 'suggested', 'always'])
    .describe('suggested = only when there is something to suggest'),
  assignment_group: z.string().min(1).optional(),
})
export type HandOver = z.infer<typeof HandOver>

/** Words that tell an incident type (matching/classify.ts). */
export const IncidentType = z.strictObject({
  type: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  label: z.string().min(1).max(100),
  words: z.array(z.string().min(1).max(100)).min(1),
})
export type IncidentType = z.infer<typeof IncidentType>

/** Words in English and Chinese; replaced as a whole by `policy.classification.types`. */
const incidentTypes: IncidentType[] = [
  {
    type: 'disk',
    label: 'Disk space',
    words: [
      'disk',
      'disk full',
      'filesystem',
      'no space left',
      'inode',
      'volume',
      '磁盘',
      '空间不足',
    ],
  },
  {
    type: 'cpu-memory',
    label: 'CPU or memory',
    words: ['cpu', 'memory', 'out of memory', 'oom', 'load average', 'swap', '内存', '负载'],
  },
  {
    type: 'network',
    label: 'Network',
    words: ['network', 'dns', 'vpn', 'packet loss', 'latency', 'firewall', 'switch port', '网络'],
  },
  {
    type: 'application',
    label: 'Application',
    words: [
      'application',
      'service down',
      'crash',
      'exception',
      'http 500',
      'restart',
      '应用',
      '崩溃',
    ],
  },
  {
    type: 'database',
    label: 'Database',
    words: ['database', 'tablespace', 'deadlock', 'replication lag', 'sql', '数据库'],
  },
  {
    type: 'access',
    label: 'Access',
    words: ['password', 'account locked', 'login', 'permission denied', 'mfa', '密码', '登录'],
  },
]

/** The whole section. */
export const Policy = z.strictObject({
  freezes: z.array(Freeze).default([]),
  change_types: z
    .strictObject({
      standard: changeType({
        approval: false,
        window: 'required',
        go_on_after_non_critical: false,
        ends_in: 'closed',
      }),
      normal: changeType({
        approval: true,
        window: 'required',
        go_on_after_non_critical: false,
        ends_in: 'review',
      }),
      emergency: changeType({
        approval: true,
        window: 'optional',
        go_on_after_non_critical: true,
        ends_in: 'review',
      }),
    })
    .prefault({}),
  hand_over: z
    .strictObject({ incident: HandOver.optional(), sc_req_item: HandOver.optional() })
    .prefault({})
    .transform(({ incident, sc_req_item }) => ({
      incident: incident ?? { note: 'suggested' as const },
      sc_req_item: sc_req_item ?? { note: 'always' as const },
    })),
  classification: z
    .strictObject({
      types: z.array(IncidentType).default(incidentTypes),
      learned: z.boolean().default(true).describe('Suggest what helped with similar tickets'),
      precision: z
        .number()
        .min(0.5)
        .max(1)
        .default(0.95)
        .describe('Share of suggestions that must be right on earlier tickets'),
    })
    .prefault({}),
  catalog: z
    .strictObject({
      /** Likeness of a title from 0 to 1 from which an order runs without a person. */
      threshold: z.number().min(0).max(1).default(0.8),
    })
    .prefault({}),
  /** How long a run may wait for its target, its ticket on hold or an instance that cannot be read. */
  max_wait: Duration.default('72h'),
})
export type Policy = z.infer<typeof Policy>

/** The policy of a connector.yaml that has none. */
export const defaultPolicy: Policy = Policy.parse({})
