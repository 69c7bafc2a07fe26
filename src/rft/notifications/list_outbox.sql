-- A page of the outbox, newest first, without the mails' texts; with `like`, those to whom that one goes.
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
   and (%(like)s::bigint is null
        or lower(mail.recipient) = (select lower(named.recipient) from outbox_mails as named where named.id = %(like)s))
   and (%(cursor)s::bigint is null or mail.id < %(cursor)s)
 order by mail.id desc
 limit %(limit)s
