-- A London day's visits from its events, counted anew. A visit is a name in a session's cookie; its source is the first that was told.
with event as (
    select session_id, event_type, page_url, event_data, device_type, browser, created_at, id
      from analytics_events
     where created_at >= (%(day)s::date::timestamp at time zone 'Europe/London') at time zone 'UTC'
       and created_at < ((%(day)s::date + 1)::timestamp at time zone 'Europe/London') at time zone 'UTC'
), visit as (
    select session_id, max(device_type) as device, max(browser) as browser,
           coalesce((array_agg(event_data ->> 'source' order by created_at, id)
                     filter (where event_data ? 'source'))[1], 'direct') as source
      from event
     group by session_id
), told as (
    select 'all' as facet, '' as value, count(distinct session_id) as visits, count(*) filter (where event_type = 'page_view') as events from event
    union all
    select 'page', left(page_url, 500), count(distinct session_id), count(*) from event where event_type = 'page_view' group by page_url
    union all
    select 'source', source, count(*), count(*) from visit group by source
    union all
    select 'device', coalesce(device, 'other'), count(*), count(*) from visit group by 2
    union all
    select 'browser', coalesce(browser, 'Other'), count(*), count(*) from visit group by 2
    union all
    select 'search', pair.key || ': ' || pair.value, count(distinct session_id), count(*)
      from event cross join lateral jsonb_each_text(event_data) as pair where event_type = 'search' group by 2
    union all
    select 'step', 'visit', count(*), count(*) from visit
    union all
    select 'step', event_data ->> 'step', count(distinct session_id), count(*) from event
     where event_type in ('checkout_step', 'booking') and event_data ->> 'step' in ('date', 'checkout', 'booked', 'paid') group by 2
)
insert into visit_days as known (day, facet, value, visits, events)
select %(day)s, facet, coalesce(value, ''), visits, events from told where visits > 0
on conflict on constraint visit_days_pkey do update set visits = excluded.visits, events = excluded.events
