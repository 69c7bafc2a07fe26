-- Everything that was written down about some bookings and their order: ledger rows, mails, and what the office did.
-- Money that moved at once, over several bookings, is one line. A sent mail is in the outbox and, once a booking, in the log.
select 'ledger' as source, max(entry.created_at) as at, entry.status as kind, entry.payment_method as method,
       sum(entry.amount) as amount, entry.failure_reason as detail,
       coalesce(nullif(concat_ws(' ', staff.first_name, staff.last_name), ''), staff.email) as person,
       null::bigint as mail_id, count(*) as bookings, null::jsonb as new_values
  from payment_transactions as entry
  left join users as staff on staff.id = case when entry.metadata ->> 'recorded_by' ~ '^[0-9]{1,9}$'
                                              then (entry.metadata ->> 'recorded_by')::integer end
 where entry.booking_id = any(%(booking_ids)s::integer[])
 group by entry.status, entry.payment_method, entry.stripe_payment_intent_id, entry.failure_reason, staff.id,
          date_trunc('second', entry.created_at)
union all
select 'mail', coalesce(mail.sent_at, mail.created_at), mail.state, mail.recipient, null, mail.subject, null, mail.id, null, null
  from outbox_mails as mail
 where mail.booking_ids && %(booking_ids)s::integer[]
union all
select 'mail', max(answer.created_at), answer.status, answer.recipient_email, null, answer.subject, null, null, null, null
  from email_logs as answer
 where answer.booking_id = any(%(booking_ids)s::integer[])
   and (answer.status = 'bounced'
        or not exists (select from outbox_mails as mail
                        where mail.booking_ids && %(booking_ids)s::integer[] and mail.recipient = answer.recipient_email
                          and starts_with(answer.email_type, mail.email_type)))
 group by answer.status, answer.recipient_email, answer.subject, date_trunc('second', answer.created_at)
union all
select 'staff', act.created_at, act.action, act.entity_type, null, null,
       coalesce(nullif(concat_ws(' ', staff.first_name, staff.last_name), ''), staff.email), null, null, act.new_values
  from admin_activity_logs as act
  join users as staff on staff.id = act.admin_id
 where (act.entity_type = 'order' and act.entity_id = %(order_id)s::bigint)
    or (act.entity_type = 'booking' and act.entity_id = any(%(booking_ids)s::integer[]))
 order by at
