-- Purchase orders that nobody has accepted or declined.
select 'approval', owing.reference, count(*), null, coalesce(owing.organisation_name, owing.booker_name), null, owing.decide_by,
       sum(owing.amount)
  from owing
 where owing.state = 'waiting'
 group by owing.id, owing.reference, owing.organisation_name, owing.booker_name, owing.decide_by
