-- Purchase orders past their day, as one thing.
select 'overdue', null, count(distinct owing.id), null, null, null, min(owing.due_on)::timestamp, sum(owing.amount)
  from owing
 where owing.state = 'accepted' and owing.due_on < london_day(%(now)s)
having count(*) > 0
