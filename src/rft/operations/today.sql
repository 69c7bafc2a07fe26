-- The figures at the head of Today, in one row. Times are UTC; `today` and `month` are London's midnights.
select coming.taken, coming.seats, money.month, money.today, waiting.orders, waiting.amount, mails.failed
  from (select coalesce(sum(schedule.current_capacity), 0) as taken,
               coalesce(sum(least(course.max_capacity, venue.capacity)), 0) as seats
          from course_schedules as schedule
          join courses as course on course.id = schedule.course_id
          join venues as venue on venue.id = schedule.venue_id
         where schedule.status in ('published', 'full')
           and schedule.start_datetime >= %(today)s and schedule.start_datetime < %(horizon)s) as coming,
       (select coalesce(sum(entry.amount * case entry.status when 'refunded' then -1 else 1 end), 0.00) as month,
               coalesce(sum(entry.amount * case entry.status when 'refunded' then -1 else 1 end)
                        filter (where entry.created_at >= %(today)s), 0.00) as today
          from payment_transactions as entry
         where entry.created_at >= %(month)s and entry.status in ('succeeded', 'refunded')) as money,
       (select count(distinct seat.order_id) as orders, coalesce(sum(booking.payment_amount), 0.00) as amount
          from bookings as booking
          join order_bookings as seat on seat.booking_id = booking.id
         where booking.status = 'pending') as waiting,
       (select count(*) as failed from outbox_mails as mail where mail.state = 'failed') as mails
