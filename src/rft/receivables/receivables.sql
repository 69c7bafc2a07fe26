-- What is owed: accepted orders with seats that are not paid, the oldest due first. What came in for such a seat is taken off.
select placed.id as order_id, placed.reference, placed.purchase_order, placed.booker_name, placed.booker_email,
       coalesce(account.name, placed.organisation_name, placed.booker_name) as debtor, account.id as organisation_id,
       coalesce(account.reminds_before_due, false) as reminds_before, approval.due_on, course.name as course_name,
       schedule.start_datetime as starts_at, owed.seats, owed.amount,
       array(select chase.days from receivable_chases as chase where chase.order_id = placed.id order by chase.days) as chased,
       (select max(chase.created_at) from receivable_chases as chase where chase.order_id = placed.id) as chased_at,
       pause.reason as paused_because
  from (select seat.order_id, count(*) as seats, sum(booking.payment_amount - kept.amount) as amount
          from bookings as booking
          join order_bookings as seat on seat.booking_id = booking.id
         cross join lateral (
               select coalesce(sum(case entry.status when 'succeeded' then entry.amount when 'refunded' then -entry.amount else 0 end), 0) as amount
                 from payment_transactions as entry where entry.booking_id = booking.id) as kept
         where booking.status = 'pending'
         group by seat.order_id) as owed
  join order_approvals as approval on approval.order_id = owed.order_id and approval.state = 'accepted'
  join orders as placed on placed.id = owed.order_id
  join course_schedules as schedule on schedule.id = placed.course_schedule_id
  join courses as course on course.id = schedule.course_id
  left join order_organisations as owner on owner.order_id = placed.id
  left join organisations as account on account.id = owner.organisation_id
  left join receivable_pauses as pause on pause.order_id = placed.id
 where owed.amount > 0
   and (%(organisation_id)s::bigint is null or account.id = %(organisation_id)s)
   and (%(reference)s::text is null or placed.reference = %(reference)s)
 order by approval.due_on, placed.id
