// The arrows of the road as points at which the connector is killed. A point inside the database is a
// breakpoint (support/breakpoint.ts); :event, :ticket and :run stand for the ids of the point's own event.
import type { Stop } from './support/breakpoint.ts'
import type { Fault } from './support/recording-instance.ts'

/** A moment at which the connector is killed. */
export type Moment =
  /** A row is being written, or a commit is under way; `server` = what the server then does with it. */
  | { in: 'database'; stop: Stop; server: 'goes on' | 'rolls back' }
  /** The sender has just been told that the event is accepted. */
  | { in: 'sender' }
  /** The job runs. `letGo` = it ends while no connector is there, or only under the next one. */
  | { in: 'job'; letGo: 'before restart' | 'after restart' }
  /** The instance has got the first or the last update, and has or has not applied it. */
  | { in: 'instance'; update: 'first' | 'last'; fault: Extract<Fault, 'silent' | 'applied_silent'> }
  /** A token request is open while the run is finished already. */
  | { in: 'token request' }

/** One point. */
export interface Point {
  name: string
  moment: Moment
  /** Once the job runs: let it go, or cancel the run. Absent = the job ends by itself. */
  whenRunning?: 'let go' | 'cancel'
  /** The instance does not accept the ticket's state. */
  refusedState?: true
}

/** State of the point's run, as the writing transaction sees it. */
const runState = `(select state from run where id = ':run')`
const isOurEvent = `NEW.event_id = ':event'`
const isOurRun = `NEW.id = ':run'`
const isOurStep = `NEW.run_id = ':run'`

function wakeup(queue: 'decide' | 'advance' | 'report'): string {
  const key =
    queue === 'decide' ? `NEW.singleton_key like '%|:ticket'` : `NEW.singleton_key = 'acme/:run'`
  return `NEW.name = '${queue}' and ${key}`
}

function row(name: string, table: string, at: Stop['at'], condition: string): Point {
  return { name, moment: { in: 'database', stop: { table, at, condition }, server: 'goes on' } }
}

/** Both ends a commit can have when its client dies. */
function commit(name: string, stop: Omit<Stop, 'at'> & { of: 'insert' | 'update' }): Point[] {
  const { of, ...rest } = stop
  return (['rolls back', 'goes on'] as const).map((server) => ({
    name: `${name}: commit ${server}`,
    moment: { in: 'database', stop: { ...rest, at: `commit of ${of}` }, server },
  }))
}

const receiving: Point[] = [
  row('receive: signature used up', 'signature_use', 'before insert', `NEW.jti like ':event%'`),
  row('receive: event stored', 'event', 'before insert', isOurEvent),
  row('receive: decider woken', 'pgboss.job', 'before insert', wakeup('decide')),
  ...commit('receive', { table: 'event', of: 'insert', condition: isOurEvent }),
  { name: 'receive: 202 answered', moment: { in: 'sender' } },
]

const deciding: Point[] = [
  row(
    'decide: wake-up taken',
    'pgboss.job',
    'before update',
    `${wakeup('decide')} and NEW.state = 'active'`,
  ),
  row(
    'decide: decision stored',
    'decision',
    'before insert',
    `NEW.event_seq = (select seq from event where event_id = ':event')`,
  ),
  row('plan: run stored', 'run', 'before insert', isOurRun),
  row(
    'plan: advancer woken',
    'pgboss.job',
    'before insert',
    `${wakeup('advance')} and ${runState} = 'planned'`,
  ),
  ...commit('decide', {
    table: 'event',
    of: 'update',
    condition: `${isOurEvent} and NEW.state = 'decided'`,
  }),
  row(
    'decide: wake-up done',
    'pgboss.job',
    'before update',
    `${wakeup('decide')} and NEW.state = 'completed'`,
  ),
]

const launching: Point[] = [
  row(
    'launch: wake-up taken',
    'pgboss.job',
    'before update',
    `${wakeup('advance')} and NEW.state = 'active'`,
  ),
  row('launch: intent', 'step', 'before update', `${isOurStep} and NEW.state = 'launching'`),
  ...commit('launch: intent', {
    table: 'step',
    of: 'update',
    condition: `${isOurStep} and NEW.state = 'launching'`,
  }),
  row(
    'launched: job id',
    'step',
    'before update',
    `${isOurStep} and NEW.state = 'running' and OLD.state = 'launching'`,
  ),
  row(
    'launched: next look',
    'pgboss.job',
    'before insert',
    `${wakeup('advance')} and ${runState} = 'running'`,
  ),
  row(
    'launched: reporter woken',
    'pgboss.job',
    'before insert',
    `${wakeup('report')} and ${runState} = 'running'`,
  ),
  ...commit('launched', {
    table: 'step',
    of: 'update',
    condition: `${isOurStep} and NEW.state = 'running' and OLD.state = 'launching'`,
  }),
  row(
    'launched: wake-up done',
    'pgboss.job',
    'before update',
    `${wakeup('advance')} and NEW.state = 'completed'`,
  ),
]

const running: Point[] = [
  {
    name: 'the job runs, and ends without a connector',
    moment: { in: 'job', letGo: 'before restart' },
  },
  {
    name: 'the job runs, and ends under the next one',
    moment: { in: 'job', letGo: 'after restart' },
  },
  {
    ...row(
      'job end noticed, not looked at',
      'run',
      'before update',
      `${isOurRun} and NEW.revision = OLD.revision`,
    ),
    whenRunning: 'let go',
  },
  row('end read: step', 'step', 'before update', `${isOurStep} and NEW.state = 'succeeded'`),
  row(
    'end read: last update',
    'status_update',
    'before insert',
    `${isOurStep} and ${runState} = 'succeeded'`,
  ),
  row(
    'end read: reporter woken',
    'pgboss.job',
    'before insert',
    `${wakeup('report')} and ${runState} = 'succeeded'`,
  ),
  ...commit('end read', {
    table: 'run',
    of: 'update',
    condition: `${isOurRun} and NEW.state = 'succeeded'`,
  }),
]

const cancelling: Point[] = [
  {
    ...row(
      'cancel: asked for',
      'run',
      'before update',
      `${isOurRun} and NEW.cancel_requested_at is not null`,
    ),
    whenRunning: 'cancel',
  },
  {
    ...row(
      'cancel: job told',
      'step',
      'before update',
      `${isOurStep} and NEW.state = 'cancelling'`,
    ),
    whenRunning: 'cancel',
  },
  {
    ...row(
      'cancel: run cancelled',
      'run',
      'before update',
      `${isOurRun} and NEW.state = 'cancelled'`,
    ),
    whenRunning: 'cancel',
  },
]

const acknowledged = `${isOurStep} and NEW.state = 'acknowledged' and ${runState} = 'succeeded'`

const reporting: Point[] = [
  row(
    'report: wake-up taken',
    'pgboss.job',
    'before update',
    `${wakeup('report')} and NEW.state = 'active' and ${runState} = 'succeeded'`,
  ),
  { name: 'report: token request open', moment: { in: 'token request' } },
  {
    name: 'report: first update applied',
    moment: { in: 'instance', update: 'first', fault: 'applied_silent' },
  },
  {
    name: 'report: last update at the instance',
    moment: { in: 'instance', update: 'last', fault: 'silent' },
  },
  {
    name: 'report: last update applied',
    moment: { in: 'instance', update: 'last', fault: 'applied_silent' },
  },
  row('report: acknowledgement', 'status_update', 'before update', acknowledged),
  ...commit('report', { table: 'status_update', of: 'update', condition: acknowledged }),
  row(
    'report: wake-up done',
    'pgboss.job',
    'before update',
    `${wakeup('report')} and NEW.state = 'completed' and ${runState} = 'succeeded'`,
  ),
  {
    ...row(
      'report: what the instance refused',
      'status_update',
      'before insert',
      `${isOurStep} and NEW.body like '%:run:refused%'`,
    ),
    refusedState: true,
  },
]

/** Every point, in the order of the road. */
export const points: readonly Point[] = [
  ...receiving,
  ...deciding,
  ...launching,
  ...running,
  ...cancelling,
  ...reporting,
]
