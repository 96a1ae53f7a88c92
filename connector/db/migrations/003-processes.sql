-- Plans of several steps: windows, targets, rollback, and the audit chain.

alter table run
  -- times within which steps that change something may start
  add column window_start   timestamptz,
  add column window_end     timestamptz,
  -- when the last look before the first launch was passed
  add column gate_passed_at timestamptz,
  -- why the run stands still although it could go on; null = it does not
  add column hold_reason    text,
  -- what it works on: lower-case names
  add column targets        text[] not null default '{}',
  -- how its plan behaves (PlanRules of next.ts)
  add column plan_rules     json,
  -- the event that first asked for it, when it was planned anew from a later one (event_seq); null = event_seq
  add column first_event_seq bigint references event (seq),
  -- the last event of its ticket it was compared with; null = event_seq
  add column seen_event_seq  bigint references event (seq);

alter table step
  add column batch    int,
  add column targets  text[] not null default '{}',
  add column critical boolean not null default true,
  -- position of the step that this one undoes
  add column undoes   int;

-- What runs work on: who holds a target now, and when it was worked on before.
create table run_target (
  instance      text not null,
  run_id        text not null,
  target        text not null,
  template      text not null,
  -- from the first launch to the end of the run
  held          boolean not null default false,
  created_at    timestamptz not null default clock_timestamp(),
  primary key (instance, run_id, target),
  foreign key (instance, run_id) references run (instance, id) on delete cascade
);
create unique index run_target_held on run_target (instance, target) where held;
create index run_target_history on run_target (instance, target, created_at);
-- Runs that may wait for a target: few, and looked through whenever one is let go.
create index run_waiting on run (instance, id)
  where state = 'waiting' and gate_passed_at is null and finished_at is null;

-- Incidents that an automation solved, in the order in which they are learned from.
create index run_solved on run (finished_at, instance, id)
  where state = 'succeeded' and ticket_table = 'incident';

-- What happened and who did it. Entries come with the transaction of what they tell; a sealer links them
-- into a chain moments later, so that writers do not wait for each other.
create table audit_entry (
  id           bigint generated always as identity primary key,
  at           timestamptz not null default clock_timestamp(),
  -- who: user_name, `rule`, `admin` (command line), `connector`
  actor        text not null,
  -- from where: instance name, host, command
  origin       text not null,
  action       text not null,
  -- what it was done to, e.g. run/acme/4f…, template/free-disk-space
  subject      text not null,
  detail       json not null default '{}',
  -- place in the chain; null = not sealed yet
  position     bigint unique,
  previous_hash text,
  hash         text
);
create index audit_entry_unsealed on audit_entry (id) where position is null;
create index audit_entry_subject on audit_entry (subject, id);

-- A link of the chain is for ever. An owner of the database can take the guard away, but not without the
-- chain telling: `audit verify`, and the head in the connector's log.
create function audit_entry_is_final() returns trigger language plpgsql as $$
begin
  if tg_op = 'TRUNCATE' or old.position is not null then
    raise exception 'audit entries are never changed or deleted';
  end if;
  return case tg_op when 'DELETE' then old else new end;
end $$;
create trigger audit_entry_final before update or delete on audit_entry
  for each row execute function audit_entry_is_final();
create trigger audit_entry_no_truncate before truncate on audit_entry
  for each statement execute function audit_entry_is_final();
