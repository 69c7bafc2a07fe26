-- E-mails that could not be delivered, as one thing.
select 'mail_failed', null, count(*), null, null, null, min(mail.created_at), null
  from outbox_mails as mail
 where mail.state = 'failed'
having count(*) > 0
