-- The order that a mail is about, and what was bought.
select purchase.id,
       purchase.reference,
       purchase.booker_name,
       purchase.booker_email,
       purchase.organisation_name,
       purchase.purchase_order,
       purchase.payment_method,
       purchase.total,
       purchase.vat,
       course.name as course_name
  from orders as purchase
  join course_schedules as schedule on schedule.id = purchase.course_schedule_id
  join courses as course on course.id = schedule.course_id
 where purchase.id = %(order_id)s
