-- Nobody is put down for a course with a day of birth that makes them younger, on its first day, than the policy of their order allows.
-- Who comes of age on the 29th of February does so on the 1st of March of other years.

create function attendee_details_old_enough() returns trigger
language plpgsql set search_path = public, pg_temp as $$
declare
    course record;
begin
    select london_day(schedule.start_datetime) as first_day, policy.minimum_age into course
      from bookings as booking
      join course_schedules as schedule on schedule.id = booking.course_schedule_id
      join order_bookings as seat on seat.booking_id = booking.id
      join orders as placed on placed.id = seat.order_id
      join cancellation_policies as policy on policy.version = placed.policy_version
     where booking.id = new.booking_id;
    if found and extract(year from age(course.first_day, new.date_of_birth)) < course.minimum_age then
        perform refuse('attendee_details_old_enough', 'attendee_details',
            format('Our courses are for people of %s and over on the first day.', course.minimum_age),
            jsonb_build_object('minimum_age', course.minimum_age));
    end if;
    return new;
end $$;

create trigger attendee_details_old_enough before insert or update on attendee_details
for each row execute function attendee_details_old_enough();

-- down
drop trigger attendee_details_old_enough on attendee_details;
drop function attendee_details_old_enough();
