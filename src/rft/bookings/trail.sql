-- How the money of an order moved, a row a payment or refund: what the ledger says of it and, once it was compared, what Stripe says: the
-- fee it kept, and the payout with which the rest went to the bank.
with moved as (
    select entry.status, entry.payment_method, entry.stripe_payment_intent_id as intent,
           entry.metadata ->> 'stripe_refund_id' as refund_id, sum(entry.amount) as amount, min(entry.created_at) as at, min(entry.id) as first
      from payment_transactions as entry
     where entry.booking_id = any (%(booking_ids)s) and entry.status in ('succeeded', 'refunded')
     group by entry.status, entry.payment_method, entry.stripe_payment_intent_id, entry.metadata ->> 'stripe_refund_id'
)
select moved.status, moved.payment_method, coalesce(moved.refund_id, moved.intent) as stripe_id, moved.amount, moved.at,
       copy.amount as at_stripe, copy.fee, copy.available_on, payout.stripe_id as payout_id, payout.arrives_on, payout.state as payout_state,
       payout.at_bank_on
  from moved
  left join lateral (
           select entry.stripe_id, entry.amount, entry.fee, entry.available_on
             from stripe_balance_transactions as entry
            where entry.payment_intent_id = moved.intent
              and case moved.status when 'succeeded' then entry.kind in ('charge', 'payment')
                                    else entry.kind in ('refund', 'payment_refund') and entry.source_id = moved.refund_id end
            order by entry.created_at
            limit 1) as copy on true
  left join stripe_payout_parts as part on part.balance_transaction_id = copy.stripe_id
  left join stripe_payouts as payout on payout.stripe_id = part.payout_id
 order by moved.at, moved.first
