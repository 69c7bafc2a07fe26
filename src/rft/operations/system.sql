-- The system as it stands, in one row. Times are UTC.
select current_setting('server_version') as server_version,
       pg_database_size(current_database()) as bytes,
       (select version_num from alembic_version) as revision,
       (select is_armed from system_state) as is_armed,
       (select restored_at from system_state) as restored_at,
       (select count(*) from jobs.procrastinate_workers where last_heartbeat > now() - interval '1 minute') as workers,
       (select count(*) from jobs.procrastinate_jobs where status = 'todo' and coalesce(scheduled_at, now()) <= now()) as waiting,
       (select count(*) from jobs.procrastinate_jobs where status = 'todo' and scheduled_at > now()) as later,
       (select count(*) from jobs.procrastinate_jobs where status = 'doing') as running,
       (select count(*) from jobs.procrastinate_jobs where status = 'failed') as failed
