-- Where the money went that came onto Stripe's balance: what was received, less what went back, was withheld or kept as a fee, is at
-- the bank, on its way there, or still at Stripe.
select sums.*, sums.received - sums.returned - sums.withheld - sums.fees + sums.other - sums.paid_out as held,
       (select coalesce(sum(payout.amount), 0.00) from stripe_payouts as payout where payout.state in ('pending', 'in_transit')) as in_transit
  from (select coalesce(sum(moved.amount) filter (where moved.kind in ('charge', 'payment')), 0.00) as received,
               coalesce(-sum(moved.amount) filter (where moved.kind in ('refund', 'payment_refund', 'refund_failure')), 0.00) as returned,
               coalesce(-sum(moved.amount) filter (where moved.kind in ('dispute', 'dispute_reversal')), 0.00) as withheld,
               coalesce(sum(moved.fee - case when moved.kind = 'fee' then moved.amount else 0 end), 0.00) as fees,
               coalesce(-sum(moved.amount) filter (where moved.kind in ('payout', 'payout_reversal')), 0.00) as paid_out,
               coalesce(sum(moved.amount) filter (where moved.kind not in ('charge', 'payment', 'refund', 'payment_refund', 'refund_failure',
                   'dispute', 'dispute_reversal', 'payout', 'payout_reversal', 'fee')), 0.00) as other
          from stripe_balance_transactions as moved) as sums
