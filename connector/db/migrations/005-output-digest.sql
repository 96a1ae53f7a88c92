-- The digest of what a job printed, once it has ended: evidence without reading 20 kB a step for it.
alter table step add column output_sha256 text;
