-- What is kept and how: UTC on every write, updated_at by the database, no row of people, bookings, ledger or logs ever deleted,
-- ledger (with what each Stripe object settled) and activity log append-only.
create trigger users_written_in_utc before insert or update on users for each statement execute function require_utc_session();
create trigger courses_written_in_utc before insert or update on courses for each statement execute function require_utc_session();
create trigger venues_written_in_utc before insert or update on venues for each statement execute function require_utc_session();
create trigger course_schedules_written_in_utc before insert or update on course_schedules for each statement execute function require_utc_session();
create trigger discount_codes_written_in_utc before insert or update on discount_codes for each statement execute function require_utc_session();
create trigger bookings_written_in_utc before insert or update on bookings for each statement execute function require_utc_session();
create trigger payment_transactions_written_in_utc before insert or update on payment_transactions for each statement execute function require_utc_session();
create trigger analytics_events_written_in_utc before insert or update on analytics_events for each statement execute function require_utc_session();
create trigger admin_activity_logs_written_in_utc before insert or update on admin_activity_logs for each statement execute function require_utc_session();
create trigger email_logs_written_in_utc before insert or update on email_logs for each statement execute function require_utc_session();

-- A touch that changes nothing (a rule's way to lock a row) is no edit, and a moved counter is none either: an admin who edits a
-- schedule while seats are sold is not told that somebody else changed it.
create trigger users_updated_at before update on users
for each row when (old.* is distinct from new.*) execute function touch_updated_at();
create trigger courses_updated_at before update on courses
for each row when (old.* is distinct from new.*) execute function touch_updated_at();
create trigger venues_updated_at before update on venues
for each row when (old.* is distinct from new.*) execute function touch_updated_at();
create trigger bookings_updated_at before update on bookings
for each row when (old.* is distinct from new.*) execute function touch_updated_at();
create trigger discount_codes_updated_at before update on discount_codes
for each row when (old.* is distinct from new.* and old.times_used = new.times_used) execute function touch_updated_at();
create trigger course_schedules_updated_at before update on course_schedules
for each row when (old.* is distinct from new.* and old.current_capacity = new.current_capacity) execute function touch_updated_at();

create trigger users_never_deleted before delete on users for each row execute function refuse_removal();
create trigger bookings_never_deleted before delete on bookings for each row execute function refuse_removal();
create trigger payment_transactions_never_deleted before delete on payment_transactions for each row execute function refuse_removal();
create trigger admin_activity_logs_never_deleted before delete on admin_activity_logs for each row execute function refuse_removal();
create trigger email_logs_never_deleted before delete on email_logs for each row execute function refuse_removal();
create trigger settled_stripe_objects_never_deleted before delete on settled_stripe_objects for each row execute function refuse_removal();

create trigger users_never_emptied before truncate on users for each statement execute function refuse_removal();
create trigger bookings_never_emptied before truncate on bookings for each statement execute function refuse_removal();
create trigger payment_transactions_never_emptied before truncate on payment_transactions for each statement execute function refuse_removal();
create trigger admin_activity_logs_never_emptied before truncate on admin_activity_logs for each statement execute function refuse_removal();
create trigger email_logs_never_emptied before truncate on email_logs for each statement execute function refuse_removal();
create trigger settled_stripe_objects_never_emptied before truncate on settled_stripe_objects for each statement execute function refuse_removal();

create trigger payment_transactions_append_only before update on payment_transactions for each row execute function refuse_change();
create trigger admin_activity_logs_append_only before update on admin_activity_logs for each row execute function refuse_change();
create trigger settled_stripe_objects_append_only before update on settled_stripe_objects for each row execute function refuse_change();

-- down
drop trigger settled_stripe_objects_append_only on settled_stripe_objects;
drop trigger settled_stripe_objects_never_emptied on settled_stripe_objects;
drop trigger settled_stripe_objects_never_deleted on settled_stripe_objects;
drop trigger admin_activity_logs_append_only on admin_activity_logs;
drop trigger payment_transactions_append_only on payment_transactions;
drop trigger email_logs_never_emptied on email_logs;
drop trigger admin_activity_logs_never_emptied on admin_activity_logs;
drop trigger payment_transactions_never_emptied on payment_transactions;
drop trigger bookings_never_emptied on bookings;
drop trigger users_never_emptied on users;
drop trigger email_logs_never_deleted on email_logs;
drop trigger admin_activity_logs_never_deleted on admin_activity_logs;
drop trigger payment_transactions_never_deleted on payment_transactions;
drop trigger bookings_never_deleted on bookings;
drop trigger users_never_deleted on users;
drop trigger course_schedules_updated_at on course_schedules;
drop trigger discount_codes_updated_at on discount_codes;
drop trigger bookings_updated_at on bookings;
drop trigger venues_updated_at on venues;
drop trigger courses_updated_at on courses;
drop trigger users_updated_at on users;
drop trigger email_logs_written_in_utc on email_logs;
drop trigger admin_activity_logs_written_in_utc on admin_activity_logs;
drop trigger analytics_events_written_in_utc on analytics_events;
drop trigger payment_transactions_written_in_utc on payment_transactions;
drop trigger bookings_written_in_utc on bookings;
drop trigger discount_codes_written_in_utc on discount_codes;
drop trigger course_schedules_written_in_utc on course_schedules;
drop trigger venues_written_in_utc on venues;
drop trigger courses_written_in_utc on courses;
drop trigger users_written_in_utc on users;
