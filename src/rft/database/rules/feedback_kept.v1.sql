-- What people answered, and which reminders went, stays: figures are not made better afterwards. Only a comment can be taken out as a
-- whole, because it may name somebody.
create trigger feedback_answers_append_only before update on feedback_answers
for each row when (to_jsonb(old) - 'comment' is distinct from to_jsonb(new) - 'comment' or new.comment is not null)
execute function refuse_change();
create trigger feedback_answers_never_deleted before delete on feedback_answers for each row execute function refuse_removal();
create trigger feedback_answers_never_emptied before truncate on feedback_answers for each statement execute function refuse_removal();
create trigger requalification_reminders_append_only before update on requalification_reminders for each row execute function refuse_change();
create trigger requalification_reminders_never_deleted before delete on requalification_reminders for each row execute function refuse_removal();

-- down
drop trigger requalification_reminders_never_deleted on requalification_reminders;
drop trigger requalification_reminders_append_only on requalification_reminders;
drop trigger feedback_answers_never_emptied on feedback_answers;
drop trigger feedback_answers_never_deleted on feedback_answers;
drop trigger feedback_answers_append_only on feedback_answers;
