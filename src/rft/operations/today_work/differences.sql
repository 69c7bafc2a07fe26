-- What differs between the ledger and Stripe, unexplained, as one thing.
select 'differs', null, count(*), null, null, null, min(difference.first_seen_at), sum(abs(coalesce(difference.at_stripe, 0) - coalesce(difference.in_ledger, 0)))
  from reconciliation_differences as difference
 where difference.resolved_at is null
having count(*) > 0
