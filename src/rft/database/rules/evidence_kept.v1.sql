-- A pack that is finished is what was handed out; who sent the results of a course, and when, is said once. Neither is changed.
create trigger evidence_packs_append_only before update on evidence_packs
for each row when (old.finished_at is not null) execute function refuse_change();
create trigger awarding_body_reports_append_only before update on awarding_body_reports
for each row when (old.sent_at is not null) execute function refuse_change();
create trigger awarding_body_reports_never_deleted before delete on awarding_body_reports for each row execute function refuse_removal();

-- down
drop trigger awarding_body_reports_never_deleted on awarding_body_reports;
drop trigger awarding_body_reports_append_only on awarding_body_reports;
drop trigger evidence_packs_append_only on evidence_packs;
