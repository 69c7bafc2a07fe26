-- What Stripe told and nobody settled: the jobs may have stopped.
select 'event_stuck', min(placed.reference), count(*), null, null, null, min(event.received_at), null
  from webhook_events as event
  left join checkout_attempts as attempt on attempt.stripe_session_id = event.object_id
  left join orders as placed on placed.id = attempt.order_id
 where event.settled_at is null and event.received_at < %(five_minutes_ago)s
having count(*) > 0
