-- Many events in one statement. An account that is gone meanwhile must not take the others' events with it.
insert into analytics_events (event_type, user_id, session_id, page_url, referrer_url, event_data, ip_address, user_agent,
                              device_type, browser, created_at)
select event.type, known.id, event.session, event.page, nullif(event.referrer, ''), event.data::jsonb, event.address::inet,
       event.agent, event.device, event.browser, event.at
  from unnest(%(types)s::text[], %(users)s::integer[], %(sessions)s::text[], %(pages)s::text[], %(referrers)s::text[],
              %(data)s::text[], %(addresses)s::text[], %(agents)s::text[], %(devices)s::text[], %(browsers)s::text[],
              %(times)s::timestamp[])
       with ordinality as event (type, user_id, session, page, referrer, data, address, agent, device, browser, at, position)
  left join users as known on known.id = event.user_id
 order by event.position
