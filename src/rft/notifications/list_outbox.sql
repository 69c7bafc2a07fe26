-- A page of the outbox, newest first, without the mails' texts.
select mail.id,
       mail.email_type,
       mail.recipient,
       mail.subject,
       mail.state,
       mail.attempts,
       mail.last_error,
       mail.created_at,
       mail.sent_at
  from outbox_mails as mail
 where (%(state)s::text is null or mail.state = %(state)s)
   and (%(cursor)s::bigint is null or mail.id < %(cursor)s)
 order by mail.id desc
 limit %(limit)s
