-- Backups that stopped; who never made one is not told so here.
select 'backup_late', null, null, null, null, null, max(kept.made_at), null
  from backups as kept
having max(kept.made_at) < %(yesterday)s
