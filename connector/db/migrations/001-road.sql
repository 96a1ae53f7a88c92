-- The road: events, decisions, templates, runs, steps, status updates. Constraints do the deduplication.

create table event (
  seq            bigint generated always as identity primary key,
  source         text not null,
  event_id       text not null,
  type           text not null,
  -- source|table|sys_id: events of one ticket are decided in the order of seq
  ticket_key     text not null,
  ticket_number  text not null,
  -- the body as it was signed (ASCII JSON); text, because json types refuse or rewrite parts of it
  body           text not null,
  issuer         text not null,
  kid            text not null,
  received_at    timestamptz not null default clock_timestamp(),
  state          text not null default 'accepted' check (state in ('accepted', 'decided', 'dead')),
  attempts       int not null default 0,
  problem        text,
  decided_at     timestamptz,
  unique (source, event_id)
);
create index event_undecided on event (ticket_key, seq) where state = 'accepted';

-- Token ids already used, kept until the token itself has expired.
create table signature_use (
  issuer      text not null,
  jti         text not null,
  expires_at  timestamptz not null,
  primary key (issuer, jti)
);
create index signature_use_expiry on signature_use (expires_at);

create table template_version (
  name        text not null,
  version     int not null,
  digest      text not null,
  content     json not null,
  created_at  timestamptz not null default clock_timestamp(),
  primary key (name, version),
  unique (name, digest)
);

create table decision (
  event_seq    bigint not null references event (seq) on delete cascade,
  template     text not null,
  version      int not null,
  fits         boolean not null,
  receipt      json not null,
  created_at   timestamptz not null default clock_timestamp(),
  primary key (event_seq, template, version)
);

create table run (
  instance            text not null,
  id                  text not null,
  event_seq           bigint not null references event (seq),
  ticket_key          text not null,
  ticket_table        text not null,
  ticket_sys_id       text not null,
  ticket_number       text not null,
  template            text not null,
  version             int not null,
  trigger             text not null,
  requested_by        text not null,
  state               text not null,
  -- why the run is in this state, for people
  message             text not null default '',
  decision            json,
  parameters          json not null default '{}',
  -- number of the last status update
  sequence            int not null default 0,
  -- grows with every save; a worker that was overtaken finds another number and gives up
  revision            int not null default 0,
  cancel_requested_at timestamptz,
  cancel_reason       text,
  due_at              timestamptz,
  created_at          timestamptz not null default clock_timestamp(),
  finished_at         timestamptz,
  primary key (instance, id)
);
create index run_by_event on run (event_seq);
create index run_of_ticket on run (ticket_key, created_at);
create index run_open on run (due_at) where finished_at is null;

create table step (
  -- the client token of the launch
  id            uuid primary key,
  instance      text not null,
  run_id        text not null,
  position      int not null,
  phase         text not null,
  name          text not null,
  platform      text not null,
  job           text not null,
  parameters    json not null,
  secrets       text[] not null default '{}',
  timeout_ms    bigint not null,
  state         text not null default 'pending',
  launch_at     timestamptz,
  job_id        text,
  job_url       text,
  progress      int not null default 0,
  message       text not null default '',
  output_tail   text not null default '',
  output_omitted bigint not null default 0,
  output_cursor text,
  exit_code     int,
  -- calls to the platform that failed in a row
  failures      int not null default 0,
  started_at    timestamptz,
  finished_at   timestamptz,
  foreign key (instance, run_id) references run (instance, id) on delete cascade,
  unique (instance, run_id, position)
);

create index step_by_job on step (platform, job_id) where finished_at is null;

create table status_update (
  instance         text not null,
  run_id           text not null,
  sequence         int not null,
  body             text not null,
  -- a later update may take the place of one that only shows progress
  droppable        boolean not null default false,
  state            text not null default 'pending' check (state in ('pending', 'acknowledged', 'superseded', 'dead')),
  attempts         int not null default 0,
  problem          text,
  reply            json,
  created_at       timestamptz not null default clock_timestamp(),
  acknowledged_at  timestamptz,
  primary key (instance, run_id, sequence),
  foreign key (instance, run_id) references run (instance, id) on delete cascade
);
create index status_update_pending on status_update (instance, run_id, sequence) where state = 'pending';
