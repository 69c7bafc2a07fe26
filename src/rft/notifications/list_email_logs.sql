-- A page of the log of mails, newest first; with `like`, those that went where that one did.
-- A booking's reference is looked up first: written as a condition on the join, it would read the whole log.
select entry.id,
       entry.recipient_email,
       entry.email_type,
       entry.subject,
       booking.booking_reference,
       entry.status,
       entry.error_message,
       entry.created_at
  from email_logs as entry
  left join bookings as booking on booking.id = entry.booking_id
 where (%(recipient)s::text is null or entry.recipient_email = any(array[%(recipient)s, lower(%(recipient)s)]))
   and (%(like)s::integer is null
        or entry.recipient_email = any(array(select unnest(array[named.recipient_email, lower(named.recipient_email)])
                                               from email_logs as named where named.id = %(like)s)))
   and (%(email_type)s::text is null or entry.email_type = %(email_type)s)
   and (%(status)s::text is null or entry.status = %(status)s)
   and (%(booking_reference)s::text is null
        or entry.booking_id = (select named.id from bookings as named where named.booking_reference = %(booking_reference)s))
   and (%(cursor)s::integer is null or entry.id < %(cursor)s)
 order by entry.id desc
 limit %(limit)s
