-- Where the jobs of a platform are, for platforms whose jobs can be found only from one place: connectors of
-- any other place must not touch them.
create table platform_claim (
  platform     text primary key,
  -- id of the place; null = an admin released the platform, the next connector that starts claims it
  home         text,
  -- the place for people
  place        text not null,
  -- last sign of life of a connector there; null = it stopped in order
  seen_at      timestamptz,
  -- steps in flight when the platform was released: their jobs may have run at the place of that time
  left_behind  uuid[] not null default '{}'
);
