-- Qualifications of those who teach that run out, and nothing newer is there.
select 'paper_ends', paper.user_id::text, null, null, name_of(paper.user_id), null, paper.expires_on::timestamp, null
  from instructor_qualifications as paper
  join users as account on account.id = paper.user_id and account.is_active
 where paper.withdrawn_on is null and paper.expires_on < (%(now)s + interval '30 days')::date
   and paper.expires_on > (%(now)s - interval '60 days')::date
   and not exists (select from instructor_qualifications as newer
                    where newer.user_id = paper.user_id and newer.kind = paper.kind and newer.withdrawn_on is null
                      and newer.expires_on > paper.expires_on)
