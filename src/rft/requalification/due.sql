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
   -- A certificate with its name put right is the same one to whoever was reminded of it.
   and not exists (select from certificates as issued
                     join requalification_reminders as sent on sent.certificate_id = issued.id
                    where issued.booking_id = ledger.booking_id and issued.expires_on = ledger.expires_on
                      and sent.days_before = step.days_before)
   and not exists (select from requalification_opt_outs as quiet
                    where quiet.email_hash = sha256(convert_to(lower(ledger.email), 'UTF8')))
 order by ledger.id
 limit %(most)s
