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
       course.name as course_name,
       purchase.hold_expires_at,
       approval.decide_by,
       case when approval.state in ('declined', 'lapsed') then nullif(approval.reason, '') end as declined_because,
       approval.due_on,
       account.billing_email
  from orders as purchase
  join course_schedules as schedule on schedule.id = purchase.course_schedule_id
  join courses as course on course.id = schedule.course_id
  left join order_approvals as approval on approval.order_id = purchase.id
  left join order_organisations as owner on owner.order_id = purchase.id
  left join organisations as account on account.id = owner.organisation_id
 where purchase.id = %(order_id)s
