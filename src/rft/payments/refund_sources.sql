-- By which ways money for a booking came, the newest first, and how much of each has neither gone back nor is owed: each payment
-- through Stripe, and together what the office received, which goes back as the last of it came. What a client that knows only the
-- ledger has returned counts too. A refund that came back (failed_refund) is room of the payment it was taken from.
with came as (
    select case when entry.stripe_payment_intent_id like 'pi\_%%' then entry.stripe_payment_intent_id end as payment_intent_id,
           sum(entry.amount) as amount, max(entry.id) as newest
      from payment_transactions as entry
     where entry.booking_id = %(booking_id)s and entry.status = 'succeeded' and entry.payment_method <> 'failed_refund'
     group by 1
), went as (
    select refund.stripe_payment_intent_id as payment_intent_id, refund.amount
      from refunds as refund
     where refund.booking_id = %(booking_id)s and refund.state in ('due', 'sent', 'returned')
     union all
    select entry.stripe_payment_intent_id, entry.amount
      from payment_transactions as entry
     where entry.booking_id = %(booking_id)s and entry.status = 'refunded' and not entry.metadata ? 'refund_id'
)
select case when came.payment_intent_id is not null then 'card'
            when entry.payment_method in ('cash', 'cheque', 'card_terminal') then entry.payment_method
            else 'bank_transfer' end as method,
       came.payment_intent_id,
       came.amount - coalesce((select sum(went.amount) from went
                                where went.payment_intent_id is not distinct from came.payment_intent_id), 0) as room
  from came
  join payment_transactions as entry on entry.id = came.newest
 order by came.newest desc
