-- Whom to remind today, of which step: the nearest one that has begun. One that was missed meanwhile is not made up for.
select ledger.id, step.days_before
  from certificate_ledger as ledger
 cross join lateral (select min(known.days_before) as days_before
                       from requalification_steps as known
                      where known.days_before >= ledger.expires_on - %(today)s::date) as step
 where ledger.expires_on >= %(today)s::date
   and ledger.expires_on <= %(today)s::date + (select max(known.days_before) from requalification_steps as known)
   and ledger.id > %(after)s
   and ledger.renewal_reference is null
   and not exists (select from requalification_reminders as sent
                    where sent.certificate_id = ledger.id and sent.days_before = step.days_before)
   and not exists (select from requalification_opt_outs as quiet
                    where quiet.email_hash = sha256(convert_to(lower(ledger.email), 'UTF8')))
 order by ledger.id
 limit %(most)s
