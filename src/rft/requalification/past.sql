-- How many of those that ran out in two years were renewed, by the course that renews them. Late is as good as not.
select target.course_id, count(*) as expired,
       count(*) filter (where london_day(ledger.renewal_starts_at) <= ledger.expires_on + %(late)s::integer) as renewed
  from certificate_ledger as ledger
 cross join lateral (
       select coalesce(min(course.id), ledger.course_id) as course_id
         from course_variants as variant
         join courses as course on course.id = variant.course_id and course.is_active
        where variant.qualification = ledger.renewed_by) as target
 where ledger.expires_on >= %(today)s::date - 730 and ledger.expires_on < %(today)s::date
 group by target.course_id
