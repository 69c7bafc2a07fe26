"""Housekeeping by the clock: jobs of killed workers taken up again, and rows removed that nobody will ask for."""

import asyncio

from rft import jobs
from rft.kit.clock import utc_now
from rft.operations.backup import make_backup, nightly_name, remove_old

# A job that was running when its worker died so many times is taken for the cause.
_DEATHS = 5

# Found dead: the worker's heartbeat stopped or its row is gone, or the job runs for longer than any is allowed to (its
# end could not be written down). Its queueing lock goes: a later job may be waiting under it.
_FIND_STALLED = """
update jobs.procrastinate_jobs as stalled
   set queueing_lock = null
  from jobs.procrastinate_jobs as job
  left join jobs.procrastinate_workers as worker on worker.id = job.worker_id
 where stalled.id = job.id
   and job.status = 'doing'
   and (worker.id is null
        or worker.last_heartbeat < now() - make_interval(secs => %(silent)s)
        or (select max(event.at)
              from jobs.procrastinate_events as event
             where event.job_id = job.id and event.type = 'started') < now() - make_interval(secs => %(longest)s))
returning job.id, job.attempts
"""

_REMOVE = (
    "delete from user_sessions where expires_at < current_timestamp",
    "delete from account_steps where expires_at < current_timestamp",
    "delete from idempotency_keys where created_at < current_timestamp - interval '48 hours'",
    "delete from rate_limits where window_began < current_timestamp - interval '1 day'",
    # Failed jobs stay four times as long: somebody has to look at them.
    """
    delete from jobs.procrastinate_jobs as job
     where job.status in ('succeeded', 'failed', 'cancelled', 'aborted')
       and not exists (
           select from jobs.procrastinate_events as event
            where event.job_id = job.id
              and event.at > now() - case when job.status = 'failed' then interval '28 days' else interval '7 days' end)
    """,
)


# Not alone: held by a lock, the job that frees locks could be stuck behind one.
@jobs.task("operations.take_up_stalled_jobs", every="* * * * *", alone=False)
async def take_up_stalled_jobs(context: jobs.Context) -> None:
    """Puts the jobs of dead workers back into the queue; one that was there at every death becomes `failed`."""
    async with context.database.transaction() as db:
        waits = {"silent": jobs.STALLED_AFTER, "longest": 3 * jobs.LONGEST_RUN}
        stalled = await (await db.execute(_FIND_STALLED, waits)).fetchall()
        for job in stalled:
            if job["attempts"] + 1 >= _DEATHS:
                await db.execute("select jobs.procrastinate_finish_job_v1(%(id)s, 'failed', false)", job)
            else:
                await db.execute("select jobs.procrastinate_retry_job_v2(%(id)s, now(), null, null, null)", job)


@jobs.task("operations.tidy", every="17 * * * *")
async def tidy(context: jobs.Context) -> None:
    """Removes expired sign-ins, old idempotency keys and counters, and finished jobs."""
    for statement in _REMOVE:
        async with context.database.connection() as db:
            await db.execute(statement)


@jobs.task("operations.back_up", every="40 2 * * *")
async def back_up(context: jobs.Context) -> None:
    """Writes the night's backup to RFT_BACKUP_DIR and removes those that are too old; without that setting does nothing."""
    folder = context.settings.backup_dir
    if folder is None:
        return
    now = utc_now()
    url = context.database.url
    # Before a job's own time is over, so that pg_dump ends with it.
    await asyncio.to_thread(make_backup, url, folder / nightly_name(now), seconds=jobs.LONGEST_RUN - 20)
    await asyncio.to_thread(remove_old, url, folder, keep_days=context.settings.backup_keep_days, now=now)
