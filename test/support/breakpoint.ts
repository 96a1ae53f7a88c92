// Breakpoints inside a database: a trigger that waits for a lock the test holds, so that whoever writes a
// certain row stops right there, deterministically, until it is killed or let go.
import pg from 'pg'

import { until } from './until.ts'

/** Where to stop. `commit` = everything is written, the commit is under way; `creation` = of the table itself. */
export interface Stop {
  /** With its schema for `creation`. */
  table: string
  at: 'before insert' | 'before update' | 'commit of insert' | 'commit of update' | 'creation'
  /** SQL over NEW and OLD; true = stop here. */
  condition: string
}

/** An armed breakpoint. */
export interface Breakpoint {
  /** Resolves when somebody stands at it. */
  hit(): Promise<void>
  /**
   * Lets go: `goes on` = the statement (and a commit that was under way) completes, whoever has died
   * meanwhile; `rolls back` = the server breaks the session off.
   */
  release(how: 'goes on' | 'rolls back'): Promise<void>
}

let lastKey = 0

/** Arms a breakpoint. It holds everybody who comes until it is released; afterwards nobody. */
export async function armBreakpoint(connectionString: string, stop: Stop): Promise<Breakpoint> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => undefined)
  await client.connect()
  const key = ++lastKey
  await client.query('select pg_advisory_lock(4711, $1)', [key])
  for (const statement of statementsOf(stop, `breakpoint_${key}`, key))
    await client.query(statement)

  async function waiting(): Promise<number[]> {
    const { rows } = await client.query<{ pid: number }>(
      `select pid from pg_locks where locktype = 'advisory' and classid = 4711 and objid = $1
       and not granted and database = (select oid from pg_database where datname = current_database())`,
      [key],
    )
    return rows.map((row) => row.pid)
  }

  return {
    hit: async () => {
      await until(`somebody at ${stop.table}, ${stop.at}`, async () => (await waiting()).length > 0)
    },
    async release(how) {
      if (how === 'rolls back') {
        for (const pid of await waiting())
          await client.query('select pg_terminate_backend($1)', [pid])
        await until('the sessions to end', async () => (await waiting()).length === 0)
      }
      await client.end()
    },
  }
}

/** Shared, because several transactions may come at once once the test has let go. */
function statementsOf(stop: Stop, name: string, key: number): string[] {
  const { table, at, condition } = stop
  const wait = `if ${condition} then perform pg_advisory_xact_lock_shared(4711, ${key}); end if;`
  if (at === 'creation') {
    const body = `begin
      if exists (select from pg_event_trigger_ddl_commands() where object_identity = '${table}') then ${wait} end if;
    end`
    return [
      `create function ${name}() returns event_trigger language plpgsql as $$ ${body} $$`,
      `create event trigger ${name} on ddl_command_end execute function ${name}()`,
    ]
  }
  const body = `begin ${wait} return new; end`
  const operation = at.endsWith('insert') ? 'insert' : 'update'
  const timing = at.startsWith('commit')
    ? `create constraint trigger ${name} after ${operation} on ${table} deferrable initially deferred`
    : `create trigger ${name} before ${operation} on ${table}`
  return [
    `create function ${name}() returns trigger language plpgsql as $$ ${body} $$`,
    `${timing} for each row execute function ${name}()`,
  ]
}
