-- What must be true at any moment: under load, after any crash, after a restore. Each query returns no row.
-- A heading is `-- I01 what a row would mean`; `(alarm)` marks what may be so for some minutes. All run in one snapshot, in UTC;
-- they read the clock itself, since a snapshot is taken later than its transaction's now().
-- Three more that SQL alone cannot give: the ledger equals Stripe's, both ways; the ledger and the activity log only ever grow;
-- whatever a client was told is there.

-- I01 rule 1: seats taken exceed the smaller of course and venue capacity
select schedule.id, count(booking.id) as taken, least(course.max_capacity, venue.capacity) as capacity
  from course_schedules as schedule
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
  left join bookings as booking on booking.course_schedule_id = schedule.id and booking.status is distinct from 'cancelled'
 group by schedule.id, course.max_capacity, venue.capacity
having count(booking.id) > least(course.max_capacity, venue.capacity);

-- I02 rule 1: current_capacity is not the number of seats taken
select schedule.id, schedule.current_capacity, count(booking.id) as taken
  from course_schedules as schedule
  left join bookings as booking on booking.course_schedule_id = schedule.id and booking.status is distinct from 'cancelled'
 group by schedule.id
having schedule.current_capacity is distinct from count(booking.id)::integer;

-- I03 rule 1: a schedule says full with seats free, or published without
select schedule.id, schedule.status, schedule.current_capacity, least(course.max_capacity, venue.capacity) as capacity
  from course_schedules as schedule
  join courses as course on course.id = schedule.course_id
  join venues as venue on venue.id = schedule.venue_id
 where (schedule.status = 'full' and schedule.current_capacity < least(course.max_capacity, venue.capacity))
    or (schedule.status = 'published' and schedule.current_capacity >= least(course.max_capacity, venue.capacity));

-- I04 rule 2: two live schedules hold a venue at the same time
select held.*
  from (select schedule.id, coalesce(session.venue_id, schedule.venue_id) as venue_id,
               coalesce(session.starts_at, schedule.start_datetime) as starts_at,
               max(coalesce(session.ends_at, schedule.end_datetime)) over (
                   partition by coalesce(session.venue_id, schedule.venue_id)
                   order by coalesce(session.starts_at, schedule.start_datetime), coalesce(session.ends_at, schedule.end_datetime)
                   rows between unbounded preceding and 1 preceding
               ) as taken_until
          from course_schedules as schedule
          left join schedule_sessions as session on session.course_schedule_id = schedule.id
         where schedule.status is distinct from 'cancelled') as held
 where held.starts_at < held.taken_until;

-- I05 rule 2: a combination of time and venue is repeated among live schedules
select venue_id, start_datetime, end_datetime, count(*) as schedules
  from course_schedules
 where status is distinct from 'cancelled'
 group by venue_id, start_datetime, end_datetime
having count(*) > 1;

-- I06 a schedule's times are illogical, infinite or empty
select id, start_datetime, end_datetime
  from course_schedules
 where not (isfinite(start_datetime) and isfinite(end_datetime) and end_datetime > start_datetime);

-- I07 rule 2: one instructor is in two places at the same time
select held.*
  from (select schedule.id, coalesce(session.instructor_id, schedule.instructor_id) as instructor_id,
               coalesce(session.starts_at, schedule.start_datetime) as starts_at,
               max(coalesce(session.ends_at, schedule.end_datetime)) over (
                   partition by coalesce(session.instructor_id, schedule.instructor_id)
                   order by coalesce(session.starts_at, schedule.start_datetime), coalesce(session.ends_at, schedule.end_datetime)
                   rows between unbounded preceding and 1 preceding
               ) as taken_until
          from course_schedules as schedule
          left join schedule_sessions as session on session.course_schedule_id = schedule.id
         where schedule.status is distinct from 'cancelled') as held
 where held.starts_at < held.taken_until and held.instructor_id is not null;

-- I08 a schedule or session is taught by someone who is not an instructor or admin
select teaching.schedule_id, teacher.id as user_id, teacher.role
  from (select id as schedule_id, instructor_id from course_schedules
         union select course_schedule_id, instructor_id from schedule_sessions) as teaching
  join users as teacher on teacher.id = teaching.instructor_id
 where teacher.role is distinct from 'instructor' and teacher.role is distinct from 'admin';

-- I09 rule 4: a booking is confirmed without settled money
with ledger as (
    select booking_id, coalesce(sum(amount) filter (where status = 'succeeded'), 0) as captured from payment_transactions group by booking_id
)
select booking.id, booking.status, booking.payment_status, booking.payment_amount, ledger.captured
  from bookings as booking
  left join ledger on ledger.booking_id = booking.id
 where booking.status in ('confirmed', 'completed', 'no_show')
   and booking.payment_amount > 0
   and (booking.payment_status not in ('paid', 'refunded') or booking.payment_status is null
        or coalesce(ledger.captured, 0) < booking.payment_amount);

-- I10 rule 4: money has gone back for a place that is still to be used, and not as goodwill or to a bank that took it
with ledger as (
    select booking_id,
           coalesce(sum(amount) filter (where status = 'succeeded'), 0) as captured,
           coalesce(sum(amount) filter (where status = 'refunded'
                                          and coalesce(metadata ->> 'reason', '') not in ('goodwill', 'dispute')), 0) as returned
      from payment_transactions group by booking_id
)
select booking.id, booking.status, booking.payment_amount, ledger.captured, ledger.returned
  from bookings as booking
  join ledger on ledger.booking_id = booking.id
 where booking.status in ('pending', 'confirmed')
   and ledger.returned > 0
   and ledger.captured - ledger.returned < booking.payment_amount;

-- I11 rule 4: payment_status says paid or refunded, and the ledger does not
with ledger as (
    select booking_id,
           coalesce(sum(amount) filter (where status = 'succeeded'), 0) as captured,
           coalesce(sum(amount) filter (where status = 'refunded'), 0) as returned
      from payment_transactions group by booking_id
)
select booking.id, booking.payment_status, ledger.captured, ledger.returned
  from bookings as booking
  left join ledger on ledger.booking_id = booking.id
 where (booking.payment_status = 'paid' and booking.payment_amount > 0 and coalesce(ledger.captured, 0) < booking.payment_amount)
    or (booking.payment_status = 'refunded' and (coalesce(ledger.captured, 0) = 0 or ledger.returned < ledger.captured));

-- I11b (alarm) payment_status has said pending or failed for over five minutes while the whole amount is held
with ledger as (
    select booking_id,
           coalesce(sum(amount) filter (where status = 'succeeded'), 0) - coalesce(sum(amount) filter (where status = 'refunded'), 0) as held
      from payment_transactions group by booking_id
)
select booking.id, booking.payment_status, booking.payment_amount, ledger.held
  from bookings as booking
  join ledger on ledger.booking_id = booking.id
 where booking.payment_status in ('pending', 'failed')
   and ledger.held > 0
   and (ledger.held >= booking.payment_amount or not exists (
        select from order_bookings as seat join orders as placed on placed.id = seat.order_id
         where seat.booking_id = booking.id and placed.payment_method = 'invoice')) -- an invoice may be paid in parts
   and booking.updated_at < clock_timestamp() at time zone 'UTC' - interval '5 minutes';

-- I12 more was refunded than captured, or an amount is not positive
select booking_id, sum(amount) filter (where status = 'succeeded') as captured, sum(amount) filter (where status = 'refunded') as returned
  from payment_transactions
 group by booking_id
having coalesce(sum(amount) filter (where status = 'refunded'), 0) > coalesce(sum(amount) filter (where status = 'succeeded'), 0)
    or bool_or(not (amount > 0 and amount < 'NaN'));

-- I13 one Stripe object has settled two orders, or one booking twice
select entry.stripe_id, count(*) as entries
  from (select booking_id, stripe_payment_intent_id as stripe_id from payment_transactions where status = 'succeeded'
         union all
        select booking_id, stripe_charge_id from payment_transactions where status = 'succeeded') as entry
  left join order_bookings as seat on seat.booking_id = entry.booking_id
 where entry.stripe_id is not null
 group by entry.stripe_id
having count(*) > count(distinct entry.booking_id)
    or count(distinct coalesce('order ' || seat.order_id, 'booking ' || entry.booking_id)) > 1;

-- I14 a customer was charged more than the booking costs, has not been given it back, and no refund waits to do so
select booking.id, booking.payment_amount
  from bookings as booking
  join payment_transactions as entry on entry.booking_id = booking.id
 group by booking.id, booking.payment_amount
having coalesce(sum(entry.amount) filter (where entry.status = 'succeeded'), 0)
     - coalesce(sum(entry.amount) filter (where entry.status = 'refunded'), 0)
     - coalesce((select sum(refund.amount) from refunds as refund
                  where refund.booking_id = booking.id and refund.state in ('due', 'failed')), 0) > booking.payment_amount;

-- I15 (alarm) money has been held for over five minutes for a seat that was not given
select booking.id, booking.payment_amount,
       sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount else 0 end) as held
  from bookings as booking
  join payment_transactions as entry on entry.booking_id = booking.id
 where booking.status = 'pending'
 group by booking.id, booking.payment_amount
having sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount else 0 end)
       >= case when exists (select from order_bookings as seat join orders as placed on placed.id = seat.order_id
                             where seat.booking_id = booking.id and placed.payment_method = 'invoice')
               then booking.payment_amount else 0.01 end
   and max(entry.created_at) filter (where entry.status = 'succeeded') < clock_timestamp() at time zone 'UTC' - interval '5 minutes';

-- I16 the ledger holds another currency than pounds
select id, currency from payment_transactions where currency is distinct from 'GBP';

-- I17 rule 3: a discount code has been used more often than it may be
select id, times_used, usage_limit from discount_codes where usage_limit is not null and times_used > usage_limit;

-- I18 rule 3: times_used is not the number of live bookings that carry the code
select code.id, code.times_used, count(booking.id) as uses
  from discount_codes as code
  left join bookings as booking on booking.discount_code_id = code.id and booking.status is distinct from 'cancelled'
 group by code.id
having code.times_used is distinct from count(booking.id)::integer;

-- I19 rule 3: a booking was made outside its code's days in London
select booking.id, code.code, booking.created_at
  from bookings as booking
  join discount_codes as code on code.id = booking.discount_code_id
 where (booking.created_at at time zone 'UTC' at time zone 'Europe/London')::date not between code.valid_from and code.valid_until;

-- I20 rule 3: a code is on a booking of another type of course, or below its minimum
select booking.id, code.code
  from bookings as booking
  join discount_codes as code on code.id = booking.discount_code_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
  join courses as course on course.id = schedule.course_id
 where code.course_type_restriction <> course.course_type
    or booking.payment_amount + booking.discount_applied < code.min_purchase_amount;

-- I21 rule 3: a discount is not what the code gives (nothing taken off is allowed)
select booking.id, booking.payment_amount, booking.discount_applied, code.discount_type, code.discount_value
  from bookings as booking
  left join discount_codes as code on code.id = booking.discount_code_id
 where booking.discount_applied is null
    or not (booking.payment_amount >= 0 and booking.payment_amount < 'NaN')
    or not (booking.discount_applied >= 0 and booking.discount_applied < 'NaN')
    or (code.discount_type = 'fixed'
        and booking.discount_applied not in (0, least(code.discount_value, booking.payment_amount + booking.discount_applied)))
    or (code.discount_type = 'percentage' and booking.discount_applied
        not in (0, round((booking.payment_amount + booking.discount_applied) * code.discount_value / 100, 2)));

-- I22 a discount code is nonsense
select id, code
  from discount_codes
 where not (discount_value > 0 and discount_value < 'NaN')
    or (discount_type = 'percentage' and discount_value > 100)
    or valid_until < valid_from
    or usage_limit < 0 or times_used < 0 or times_used is null
    or course_type_restriction not in ('EFAW', 'FAW', 'Paediatric');

-- I23 rule 5: a certificate without completion, before the end, or half recorded
select booking.id, booking.status, booking.certificate_issued, booking.certificate_issued_date, schedule.end_datetime
  from bookings as booking
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
 where (booking.certificate_issued is true
        and (booking.status is distinct from 'completed' or booking.certificate_issued_date is null
             or booking.certificate_issued_date < (schedule.end_datetime at time zone 'UTC' at time zone 'Europe/London')::date
             or schedule.status = 'cancelled'))
    or (booking.certificate_issued is not true and booking.certificate_issued_date is not null);

-- I24 rule 5: attended or missed a course that has not ended or begun, or that was never held
select booking.id, booking.status, schedule.status as schedule_status, schedule.start_datetime, schedule.end_datetime
  from bookings as booking
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
 where (booking.status = 'completed' and schedule.end_datetime > clock_timestamp() at time zone 'UTC')
    or (booking.status = 'no_show' and schedule.start_datetime > clock_timestamp() at time zone 'UTC')
    or (booking.status in ('completed', 'no_show') and schedule.status in ('cancelled', 'draft'));

-- I25 a live booking is on a draft
select booking.id, schedule.id as schedule_id
  from bookings as booking
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
 where booking.status in ('pending', 'confirmed') and schedule.status = 'draft';

-- I25b (alarm) a live booking is on a schedule that was cancelled over an hour ago
select booking.id, schedule.id as schedule_id
  from bookings as booking
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
 where booking.status in ('pending', 'confirmed')
   and schedule.status = 'cancelled'
   and schedule.updated_at < clock_timestamp() at time zone 'UTC' - interval '1 hour';

-- I26 (alarm) an unpaid hold has been kept past its life (seats on an accepted purchase order have no clock)
select booking.id, booking.created_at, placed.hold_expires_at
  from bookings as booking
  left join order_bookings as seat on seat.booking_id = booking.id
  left join orders as placed on placed.id = seat.order_id
 where booking.status = 'pending'
   and case when placed.id is null then booking.created_at + interval '35 minutes'
            when placed.payment_method = 'invoice' then null
            else coalesce(placed.hold_expires_at + interval '5 minutes', placed.created_at + interval '35 minutes')
       end < clock_timestamp() at time zone 'UTC';

-- I27 a column whose default promised a value is empty
select 'users' as in_table, id from users where role is null or is_active is null or created_at is null
 union all
select 'courses', id from courses where is_active is null or certification_validity_years is null
 union all
select 'venues', id from venues where is_active is null
 union all
select 'course_schedules', id from course_schedules where status is null or current_capacity is null
 union all
select 'bookings', id from bookings
 where status is null or payment_status is null or discount_applied is null or confirmation_sent is null
    or reminder_sent is null or certificate_issued is null or created_at is null
 union all
select 'discount_codes', id from discount_codes where is_active is null or times_used is null
 union all
select 'payment_transactions', id from payment_transactions where currency is null or created_at is null
 union all
select 'email_logs', id from email_logs where status is null or created_at is null;

-- I28 a price, duration or capacity in the catalogue is nonsense
select 'courses' as in_table, id from courses
 where not (price >= 0 and price < 'NaN') or not (duration_hours > 0 and duration_hours < 'NaN')
    or max_capacity <= 0 or certification_validity_years <= 0
 union all
select 'venues', id from venues where capacity <= 0;

-- I29 one person has two accounts, one code or one reference two spellings
select lower(email) as name, count(*) as rows from users group by lower(email) having count(*) > 1
 union all
select upper(code), count(*) from discount_codes group by upper(code) having count(*) > 1
 union all
select upper(booking_reference), count(*) from bookings group by upper(booking_reference) having count(*) > 1;

-- I30 one person, known by e-mail address, holds two live seats on a schedule
select booking.course_schedule_id, lower(attendee.email) as email, count(*) as seats
  from bookings as booking
  join attendees as attendee on attendee.booking_id = booking.id
 where booking.status <> 'cancelled' and attendee.email is not null
 group by booking.course_schedule_id, lower(attendee.email)
having count(*) > 1;

-- I31 a mail was sent twice, is marked without a log, or reminded of a cancelled place
select booking_id, email_type, count(*) as mails
  from email_logs
 where status = 'sent' and booking_id is not null and email_type in ('booking_confirmation', 'course_reminder', 'certificate')
 group by booking_id, email_type
having count(*) > 1
 union all
select booking.id, 'flag without log', 0
  from bookings as booking
 where booking.confirmation_sent is true
   and not exists (select from email_logs as mail where mail.booking_id = booking.id and mail.email_type = 'booking_confirmation')
 union all
select booking.id, 'reminder for a cancelled place', 0
  from bookings as booking
  join email_logs as mail on mail.booking_id = booking.id and mail.email_type = 'course_reminder' and mail.status = 'sent'
 where booking.status = 'cancelled' and mail.created_at > booking.updated_at;

-- I32 a row is from the future, or was changed before it was made (a clock at fault, or a session in another time zone)
select 'bookings' as in_table, id from bookings
 where created_at > clock_timestamp() at time zone 'UTC' + interval '2 minutes' or updated_at < created_at
 union all
select 'payment_transactions', id from payment_transactions where created_at > clock_timestamp() at time zone 'UTC' + interval '2 minutes'
 union all
select 'email_logs', id from email_logs where created_at > clock_timestamp() at time zone 'UTC' + interval '2 minutes';

-- I33 a secret or a card number is stored where it must not be
select 'admin_activity_logs' as in_table, id from admin_activity_logs
 where concat_ws(' ', old_values, new_values) ~* '"(password|password_hash|totp_secret|token|secret)"\s*:\s*"[^*"]'
 union all
select 'payment_transactions', id from payment_transactions
 where metadata::text ~ '(^|[^0-9])(4[0-9]{15}|5[1-5][0-9]{14}|3[47][0-9]{13})([^0-9]|$)'
 union all
select 'users', id from users where password_hash !~ '^(\$argon2id\$|\$2[aby]\$|scrypt|!)';

-- I34 a card payment in the ledger lacks its Stripe reference
select id, booking_id
  from payment_transactions
 where status = 'succeeded' and payment_method in ('card', 'stripe')
   and (stripe_payment_intent_id is null or stripe_payment_intent_id !~ '^pi_');

-- I35 rule 2: what holds the venues is not what the schedules and their sessions say
with said as (
    select schedule.id as course_schedule_id, session.id as session_id, coalesce(session.venue_id, schedule.venue_id) as venue_id,
           coalesce(session.instructor_id, schedule.instructor_id) as instructor_id,
           tsrange(coalesce(session.starts_at, schedule.start_datetime), coalesce(session.ends_at, schedule.end_datetime), '[)') as during
      from course_schedules as schedule
      left join schedule_sessions as session on session.course_schedule_id = schedule.id
     where schedule.status is distinct from 'cancelled'
)
(select 'not held' as fault, said.* from said
 except all
 select 'not held', course_schedule_id, session_id, venue_id, instructor_id, during from schedule_occupancies)
 union all
(select 'held for nothing', course_schedule_id, session_id, venue_id, instructor_id, during from schedule_occupancies
 except all
 select 'held for nothing', said.* from said);

-- I36 rule 2: a session lies outside its schedule
select session.id, session.course_schedule_id
  from schedule_sessions as session
  join course_schedules as schedule on schedule.id = session.course_schedule_id
 where session.starts_at < schedule.start_datetime or session.ends_at > schedule.end_datetime;

-- I37 an order's total is not the sum of its bookings (as long as none has been moved; of a seat booked again only the last counts)
select placed.id, placed.total, sum(booking.payment_amount) as bookings_total
  from orders as placed
  join order_bookings as seat on seat.order_id = placed.id
  join bookings as booking on booking.id = seat.booking_id
 where not exists (select from order_bookings as later where later.replaces = seat.booking_id)
 group by placed.id
having sum(booking.payment_amount) <> placed.total
   and bool_and(booking.course_schedule_id = placed.course_schedule_id);

-- I38 an order has not as many bookings as seats
select placed.id, placed.seats, count(seat.booking_id) - count(seat.replaces) as bookings
  from orders as placed
  left join order_bookings as seat on seat.order_id = placed.id
 group by placed.id
having count(seat.booking_id) - count(seat.replaces) <> placed.seats;

-- I39 the ledger and what each Stripe object has settled disagree
with settling as (
    select entry.booking_id, object.stripe_id
      from payment_transactions as entry
     cross join lateral (values (entry.stripe_payment_intent_id), (entry.stripe_charge_id)) as object (stripe_id)
     where entry.status = 'succeeded' and object.stripe_id is not null
)
select settling.stripe_id, settling.booking_id, settled.settles
  from settling
  left join settled_stripe_objects as settled on settled.stripe_id = settling.stripe_id
  left join order_bookings as seat on seat.booking_id = settling.booking_id
 where settled.settles is null
    or settled.settles not in ('booking ' || settling.booking_id, coalesce('order ' || seat.order_id, ''))
 union all
select settled.stripe_id, null, settled.settles
  from settled_stripe_objects as settled
 where not exists (select from settling where settling.stripe_id = settled.stripe_id);

-- I40 a refund and the ledger disagree: gone and not written down, not gone and written down, or of another amount
select refund.id, refund.state, refund.amount, coalesce(sum(case entry.status when 'refunded' then entry.amount
                                                                             when 'succeeded' then -entry.amount end), 0) as written
  from refunds as refund
  left join payment_transactions as entry
    on entry.booking_id = refund.booking_id and entry.metadata @> jsonb_build_object('refund_id', refund.id)
 group by refund.id
having coalesce(sum(case entry.status when 'refunded' then entry.amount when 'succeeded' then -entry.amount end), 0)
       <> case when refund.state in ('sent', 'returned') then refund.amount else 0 end;

-- I41 more is owed back for a booking than is still here of what was received for it
select refund.booking_id, sum(refund.amount) as owed
  from refunds as refund
 where refund.state = 'due'
 group by refund.booking_id
having sum(refund.amount) > (select coalesce(sum(case entry.status when 'succeeded' then entry.amount
                                                                   when 'refunded' then -entry.amount end), 0)
                               from payment_transactions as entry where entry.booking_id = refund.booking_id);

-- I50 the numbers of invoices or credit notes of a year have a gap, a double, or another name
select series, year, count(*) as documents, max(sequence) as highest
  from invoices
 group by series, year
having count(*) <> max(sequence) or min(sequence) <> 1 or count(distinct sequence) <> count(*)
 union all
select series, year, 0, sequence
  from invoices
 where number <> format('%s-%s-%s', series, year, lpad(sequence::text, greatest(6, length(sequence::text)), '0'))
    or series <> case kind when 'credit_note' then 'CN' else 'INV' end
    or year <> extract(year from issued_on);

-- I51 an invoice is not the sum of its lines
select invoice.number, invoice.total, sum(line.total) as summed
  from invoices as invoice
  left join invoice_lines as line on line.invoice_id = invoice.id
 group by invoice.id
having count(line.id) <> invoice.line_count
    or (invoice.net, invoice.vat, invoice.total) is distinct from (sum(line.net), sum(line.vat), sum(line.total));

-- I52 more was credited than an invoice asked for
select asked.invoice_id, asked.booking_id, asked.total, sum(line.total) as credited
  from invoice_lines as asked
  join invoice_lines as line on line.credits_line_id = asked.id
 group by asked.id
having sum(line.total) > asked.total or sum(line.net) > asked.net or sum(line.vat) > asked.vat;

-- I53 an order on invoice has unpaid seats, and nobody was ever asked whether it may
select placed.id
  from orders as placed
  join order_bookings as seat on seat.order_id = placed.id
  join bookings as booking on booking.id = seat.booking_id and booking.status = 'pending'
 where placed.payment_method = 'invoice'
   and not exists (select from order_approvals as approval where approval.order_id = placed.id);

-- I54 more was taken from a line of a bank statement than it brought
select line.id, line.amount, sum(match.amount) as matched
  from bank_lines as line join bank_matches as match on match.line_id = line.id
 group by line.id
having sum(match.amount) > line.amount;

-- I55 bank lines paid more of an order than the ledger has received by bank transfer
select match.order_id, sum(match.amount) as matched
  from bank_matches as match
 group by match.order_id
having sum(match.amount) > (select coalesce(sum(entry.amount), 0)
                              from order_bookings as seat join payment_transactions as entry on entry.booking_id = seat.booking_id
                             where seat.order_id = match.order_id and entry.status = 'succeeded' and entry.payment_method = 'bank_transfer');

-- I56 the invoices of a live place ask for another sum than its price
-- Less is asked after goodwill, or what else the office gave back beyond what moves made cheaper; more while such a difference is still
-- to go back. An order of which a document waits to be issued is not looked at.
with asked as (
    select line.booking_id, invoice.order_id, sum(case invoice.kind when 'invoice' then line.total else -line.total end) as amount,
           coalesce(sum(line.total) filter (where refund.reason = 'price_difference'), 0) as credited_for_differences,
           coalesce(sum(line.total) filter (where invoice.source like 'refund %'
                                              and refund.reason is distinct from 'price_difference'), 0) as given
      from invoice_lines as line
      join invoices as invoice on invoice.id = line.invoice_id
      left join refunds as refund on refund.id = substring(invoice.source from '^refund ([0-9]+)')::bigint
     group by line.booking_id, invoice.order_id
), expected as (
    select booking.id, asked.order_id, asked.amount, booking.payment_amount,
           booking.payment_amount - asked.given - greatest(asked.credited_for_differences - moves.cheaper, 0) as least_amount,
           (select coalesce(sum(refund.amount), 0)
              from refunds as refund
             where refund.booking_id = booking.id and refund.reason = 'price_difference' and refund.state in ('due', 'failed')) as waiting
      from asked
      join bookings as booking on booking.id = asked.booking_id and booking.status <> 'cancelled'
     cross join lateral (
           select coalesce(sum(move.amount_before - move.amount_after), 0) as cheaper
             from booking_moves as move
            where move.booking_id = booking.id and move.amount_after < move.amount_before) as moves
)
select expected.id, expected.amount as asked, expected.payment_amount, expected.least_amount, expected.waiting
  from expected
 where expected.amount not between expected.least_amount and expected.least_amount + expected.waiting
   and not exists (select from jobs.procrastinate_jobs as job
                    where job.lock = 'invoices-' || expected.order_id and job.status in ('todo', 'doing'));

-- I60 the ledger and Stripe have differed for more than a day, and nobody has said why
select difference.id, difference.object, difference.stripe_id, difference.at_stripe, difference.in_ledger
  from reconciliation_differences as difference
 where difference.resolved_at is null
   and difference.first_seen_at < (clock_timestamp() at time zone 'UTC') - interval '1 day';

-- I61 the ledger and the copy of Stripe's balance disagree about what was compared, and no difference says so
select sides.object, sides.stripe_id, sides.at_stripe, sides.in_ledger
  from money_on_both_sides as sides
  join (select min(run.since) as since, max(run.until) as until from reconciliation_runs as run) as compared
    on sides.first_at >= compared.since and sides.last_at < compared.until
 where sides.at_stripe is distinct from sides.in_ledger
   and not exists (select from reconciliation_differences as known
                    where known.object = sides.object and known.stripe_id = sides.stripe_id
                      and (known.at_stripe, known.in_ledger) is not distinct from (sides.at_stripe, sides.in_ledger)
                      and known.resolution is distinct from 'agrees');

-- I70 a certificate is out for a place whose register, kept in the last 60 days, lacks something
select booking.id, register_missing(booking.id) as missing
  from bookings as booking
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
 where booking.certificate_issued
   and schedule.end_datetime > clock_timestamp() at time zone 'UTC' - interval '60 days'
   and exists (select from register_marks as mark where mark.course_schedule_id = schedule.id)
   and register_missing(booking.id) <> '{}';

-- I71 access needs are known longer than 30 days, and a few for the job, after the course
select needs.booking_id, schedule.end_datetime
  from access_needs as needs
  join bookings as booking on booking.id = needs.booking_id
  join course_schedules as schedule on schedule.id = booking.course_schedule_id
 where schedule.end_datetime < clock_timestamp() at time zone 'UTC' - interval '33 days';

-- I80 a live date stands in a closure of its venue
select held.course_schedule_id, held.venue_id, held.during, closure.reason
  from schedule_occupancies as held
  join venue_closures as closure on closure.venue_id = held.venue_id and tsrange(closure.starts_at, closure.ends_at, '[)') && held.during;

-- I81 an erased person, or another name of theirs, is still named or may still sign in
select account.id
  from users as account
  left join merged_users as merged on merged.user_id = account.id
  join erasures as erased on erased.user_id in (account.id, merged.into_user_id)
 where account.is_active or account.password_hash <> '!' or account.email not like 'erased-%@erased.invalid'
    or account.first_name is not null or account.last_name is not null or account.phone is not null;

-- I90 the sums of money by day or month differ from the ledger
with truth as (
    select london_day(entry.created_at) as day, schedule.course_id, schedule.venue_id, coalesce(schedule.instructor_id, 0) as instructor_id,
           sum(case entry.status when 'succeeded' then entry.amount else 0 end) as received,
           sum(case entry.status when 'refunded' then entry.amount else 0 end) as returned
      from payment_transactions as entry
      join bookings as booking on booking.id = entry.booking_id
      join course_schedules as schedule on schedule.id = booking.course_schedule_id
     where entry.status in ('succeeded', 'refunded')
     group by 1, 2, 3, 4
)
select told.span, told.starts, told.course_id, told.venue_id, told.instructor_id, sum(told.received) as received, sum(told.returned) as returned
  from (select 'day' as span, day as starts, course_id, venue_id, instructor_id, received, returned from truth
         union all
        select 'day', day, course_id, venue_id, instructor_id, -received, -returned from revenue_days
         union all
        select 'month', figures_month(day), course_id, venue_id, instructor_id, received, returned from truth
         union all
        select 'month', month, course_id, venue_id, instructor_id, -received, -returned from revenue_months) as told
 group by 1, 2, 3, 4, 5
having sum(told.received) <> 0 or sum(told.returned) <> 0;

-- I91 the count of bookings made on a day, or in a status now, differs from the bookings
select told.what, sum(told.bookings) as too_many
  from (select 'made on ' || day as what, bookings from booking_days where was = ''
         union all
        select 'made on ' || london_day(booking.created_at), -1 from bookings as booking
         union all
        select became, bookings from booking_days
         union all
        select was, -bookings from booking_days where was <> ''
         union all
        select booking.status, -1 from bookings as booking) as told
 group by told.what
having sum(told.bookings) <> 0;

-- I92 the sums of dates, seats or places taken differ from the schedules and their bookings
select told.month, told.course_id, told.venue_id, told.instructor_id, sum(told.dates) as dates, sum(told.seats) as seats, sum(told.taken) as taken
  from (select month, course_id, venue_id, instructor_id, dates, seats, taken from occupancy_months
         union all
        select figures_month(london_day(schedule.start_datetime)), schedule.course_id, schedule.venue_id, coalesce(schedule.instructor_id, 0),
               -1, -least(course.max_capacity, venue.capacity),
               -(select count(*) from bookings as booking where booking.course_schedule_id = schedule.id and booking.status <> 'cancelled')
          from course_schedules as schedule
          join courses as course on course.id = schedule.course_id
          join venues as venue on venue.id = schedule.venue_id
         where schedule.status in ('published', 'full')) as told
 group by 1, 2, 3, 4
having sum(told.dates) <> 0 or sum(told.seats) <> 0 or sum(told.taken) <> 0;

-- I93 what is known of a customer, or of those who came first on a day, differs from the ledger
select told.what, sum(told.customers) as customers, sum(told.first) as received_first_day, sum(told.back) as came_back,
       sum(told.received) as received, sum(told.returned) as returned
  from (select 'user ' || user_id || ' from ' || first_day as what, 1 as customers, received_first_day as first,
               came_back::integer as back, received, returned from customers_by_the_ledger
         union all
        select 'user ' || user_id || ' from ' || first_day, -1, -received_first_day, -came_back::integer, -received, -returned
          from customer_figures
         union all
        select 'day ' || first_day, 1, received_first_day, came_back::integer, received, returned from customer_figures
         union all
        select 'day ' || day, -customers, -received_first_day, -came_back, -received, -returned from customer_days) as told
 group by told.what
having sum(told.customers) <> 0 or sum(told.first) <> 0 or sum(told.back) <> 0 or sum(told.received) <> 0 or sum(told.returned) <> 0;
