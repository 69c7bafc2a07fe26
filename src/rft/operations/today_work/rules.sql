-- A rule that was broken when the rules were last checked.
select 'rule_broken', null, (checked.new_values ->> 'broken')::bigint, null, null, null, checked.created_at, null
  from (select * from admin_activity_logs where action = 'rules.check' order by id desc limit 1) as checked
 where (checked.new_values ->> 'broken')::integer > 0
