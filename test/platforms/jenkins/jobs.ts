// The jobs of the Jenkins stand-in: what they declare, and what their builds do.

/** How a build behaves. */
export type Behaviour = 'succeed' | 'fail' | 'wait' | 'lines' | 'unstable' | 'notBuilt' | 'pipeline'

/** A job as Jenkins keeps it. */
export interface StandInJob {
  fullName: string
  description: string
  buildable: boolean
  behaviour: Behaviour
  /** Name -> Java class, with choices and a default. */
  parameters: Record<string, { type: string; choices?: string[]; default?: string | boolean }>
}

export const tokenName = 'TICKET_AUTOMATION_TOKEN'

const text = { type: 'StringParameterDefinition', default: '' }
const yesNo = { type: 'BooleanParameterDefinition', default: false }
const token = { [tokenName]: text }

/** Parameters that the suites send. */
const echoed = Object.fromEntries(
  'command quotes right_to_left emoji option empty controls progress count ratio'
    .split(' ')
    .map((name) => [name, text]),
)

function job(
  fullName: string,
  behaviour: Behaviour,
  parameters: StandInJob['parameters'] = token,
): StandInJob {
  const description = `Does ${behaviour}.`
  return { fullName, description, buildable: true, behaviour, parameters }
}

/** All jobs. Folders are made of their names. */
export function standInJobs(): StandInJob[] {
  return [
    job('ops/succeed', 'succeed'),
    job('ops/fail', 'fail'),
    job('ops/wait', 'wait'),
    job('ops/lines', 'lines'),
    job('ops/unstable', 'unstable'),
    job('ops/not-built', 'notBuilt'),
    job('ops/pipeline', 'pipeline'),
    job('ops/echo', 'succeed', {
      ...token,
      ...echoed,
      lines: { type: 'TextParameterDefinition', default: '' },
      long: { type: 'TextParameterDefinition', default: '' },
      yes: yesNo,
      no: yesNo,
      password: { type: 'PasswordParameterDefinition' },
    }),
    job('ops/Größe 你好/feature%2Flogin', 'succeed', {
      ...token,
      environment: { type: 'ChoiceParameterDefinition', choices: ['test', 'production'] },
      dry_run: yesNo,
      host: text,
      key: { type: 'PasswordParameterDefinition' },
      archive: { type: 'FileParameterDefinition' },
      upstream: { type: 'RunParameterDefinition' },
      login: { type: 'CredentialsParameterDefinition' },
      branch: { type: 'PT_BRANCH' },
    }),
    { ...job('ops/disabled', 'succeed'), buildable: false },
    job('ops/no-token', 'succeed', { host: text }),
    job('ops/without parameters', 'succeed', {}),
  ]
}
