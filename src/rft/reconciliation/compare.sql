-- Holds both sides of the money that moved in the span against each other, and what differed before once more. What moved again since
-- the span's end is left for the next time: the other side may not have heard of it yet. Opens, renews and resolves differences, and
-- answers what was looked at. A difference that somebody explained is not opened again as long as its amounts are the same.
with looked as materialized (
    select sides.object, sides.stripe_id, sides.at_stripe, sides.in_ledger, sides.booking_id
      from money_on_both_sides as sides
     where sides.last_at < %(until)s
       and (sides.last_at >= %(since)s
            or exists (select from reconciliation_differences as known
                        where known.object = sides.object and known.stripe_id = sides.stripe_id and known.resolved_at is null))
     union all
    select 'payout', payout.stripe_id, payout.amount, sum(moved.net), null
      from stripe_payouts as payout
      join stripe_payout_parts as part on part.payout_id = payout.stripe_id
      join stripe_balance_transactions as moved on moved.stripe_id = part.balance_transaction_id
     where payout.created_at < %(until)s and payout.state not in ('failed', 'canceled')
       and (payout.created_at >= %(since)s
            or exists (select from reconciliation_differences as known
                        where known.object = 'payout' and known.stripe_id = payout.stripe_id and known.resolved_at is null))
     group by payout.stripe_id
), opened as (
    insert into reconciliation_differences (object, stripe_id, at_stripe, in_ledger, booking_id, first_seen_at, last_seen_at)
    select looked.object, looked.stripe_id, looked.at_stripe, looked.in_ledger, looked.booking_id, %(now)s, %(now)s
      from looked
     where looked.at_stripe is distinct from looked.in_ledger
       and not exists (select from reconciliation_differences as known
                        where known.object = looked.object and known.stripe_id = looked.stripe_id and known.resolution = 'explained'
                          and (known.at_stripe, known.in_ledger) is not distinct from (looked.at_stripe, looked.in_ledger))
        on conflict (object, stripe_id) where resolved_at is null
        do update set at_stripe = excluded.at_stripe, in_ledger = excluded.in_ledger, booking_id = excluded.booking_id,
                      last_seen_at = excluded.last_seen_at
), resolved as (
    update reconciliation_differences as known
       set resolved_at = %(now)s, resolution = 'agrees'
      from looked
     where known.object = looked.object and known.stripe_id = looked.stripe_id and known.resolved_at is null
       and looked.at_stripe is not distinct from looked.in_ledger
)
select count(*) as compared,
       coalesce(sum(at_stripe) filter (where object = 'charge'), 0.00) as received_at_stripe,
       coalesce(sum(in_ledger) filter (where object = 'charge'), 0.00) as received_in_ledger,
       coalesce(sum(at_stripe) filter (where object in ('refund', 'dispute')), 0.00) as returned_at_stripe,
       coalesce(sum(in_ledger) filter (where object in ('refund', 'dispute')), 0.00) as returned_in_ledger,
       coalesce(sum(at_stripe) filter (where object = 'payout'), 0.00) as paid_out,
       coalesce(sum(in_ledger) filter (where object = 'payout'), 0.00) as paid_out_parts
  from looked
