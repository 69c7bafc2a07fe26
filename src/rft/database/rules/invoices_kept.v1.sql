-- What was issued stays: invoices, credit notes and their lines are never changed and never deleted; who was wrong issues a credit note.
-- A touch that changes nothing (another rule's way to lock the row) is no change.
create trigger invoices_written_in_utc before insert or update on invoices for each statement execute function require_utc_session();
create trigger invoices_never_deleted before delete on invoices for each row execute function refuse_removal();
create trigger invoices_never_emptied before truncate on invoices for each statement execute function refuse_removal();
create trigger invoices_append_only before update on invoices
for each row when (old.* is distinct from new.*) execute function refuse_change();
create trigger invoice_lines_never_deleted before delete on invoice_lines for each row execute function refuse_removal();
create trigger invoice_lines_never_emptied before truncate on invoice_lines for each statement execute function refuse_removal();
create trigger invoice_lines_append_only before update on invoice_lines for each row execute function refuse_change();

-- down
drop trigger invoice_lines_append_only on invoice_lines;
drop trigger invoice_lines_never_emptied on invoice_lines;
drop trigger invoice_lines_never_deleted on invoice_lines;
drop trigger invoices_append_only on invoices;
drop trigger invoices_never_emptied on invoices;
drop trigger invoices_never_deleted on invoices;
drop trigger invoices_written_in_utc on invoices;
