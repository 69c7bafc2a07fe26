-- The oldest queued mail without a job of its own, neither waiting for its turn nor running.
select mail.id
  from outbox_mails as mail
 where mail.state = 'queued'
   and mail.id > %(after_id)s
   and not exists (
       select from jobs.procrastinate_jobs as job
        where job.lock = 'mail-' || mail.id
          and job.status in ('todo', 'doing'))
 order by mail.id
 limit 1
