-- Background jobs that failed for good, as one thing.
select 'job_failed', null, count(*), null, null, null, %(now)s, null
  from jobs.procrastinate_jobs as job
 where job.status = 'failed'
having count(*) > 0
