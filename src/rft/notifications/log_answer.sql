-- One row of email_logs for each booking that the mail is about (one without a booking where it is about none).
-- A confirmation is logged as sent once for a booking (email_logs_sent_once): when the office sends it again, the log says so.
insert into email_logs (recipient_email, email_type, subject, booking_id, status, error_message)
select left(mail.recipient, 255),
       case
           when exists (
               select from email_logs as earlier
                where earlier.booking_id = booking.id
                  and earlier.email_type = mail.email_type
                  and earlier.status = 'sent')
           then left(mail.email_type, 40) || '_again'
           else left(mail.email_type, 50)
       end,
       left(mail.subject, 255),
       booking.id,
       %(status)s,
       %(error)s
  from outbox_mails as mail
  left join lateral unnest(mail.booking_ids) as booking (id) on true
 where mail.id = %(id)s
