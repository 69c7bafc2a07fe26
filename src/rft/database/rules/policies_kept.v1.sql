-- What was promised stays: a cancellation policy is never changed, and one that has begun never vanishes. The words of mails are
-- kept in every version too.
create trigger cancellation_policies_append_only before update on cancellation_policies
for each row execute function refuse_change();
create trigger cancellation_policies_never_deleted before delete on cancellation_policies
for each row when (old.in_force_from <= london_day(utc_clock())) execute function refuse_removal();
create trigger cancellation_policies_never_emptied before truncate on cancellation_policies
for each statement execute function refuse_removal();
create trigger mail_texts_append_only before update on mail_texts for each row execute function refuse_change();
create trigger mail_texts_never_deleted before delete on mail_texts for each row execute function refuse_removal();
create trigger mail_texts_never_emptied before truncate on mail_texts for each statement execute function refuse_removal();

-- down
drop trigger mail_texts_never_emptied on mail_texts;
drop trigger mail_texts_never_deleted on mail_texts;
drop trigger mail_texts_append_only on mail_texts;
drop trigger cancellation_policies_never_emptied on cancellation_policies;
drop trigger cancellation_policies_never_deleted on cancellation_policies;
drop trigger cancellation_policies_append_only on cancellation_policies;
