-- An organisation's people, each with the certificates that stand: of each course type the one that lasts longest. Only what was booked
-- on this organisation's own account is looked at; what somebody learnt elsewhere, or for another employer, is theirs to tell. A person
-- is known by the e-mail address where the list and the place both have one, else by the name on the certificate.
with held as materialized (
    select certificate.number, certificate.course_type, certificate.course_name, certificate.holder, certificate.completed_on,
           certificate.expires_on, lower(attendee.email) as email
      from order_organisations as owner
      join order_bookings as seat on seat.order_id = owner.order_id
      join certificates as certificate on certificate.booking_id = seat.booking_id
      left join attendees as attendee on attendee.booking_id = seat.booking_id
     where owner.organisation_id = %(organisation_id)s
       and not exists (select from certificates as later where later.replaces = certificate.id)
       and not exists (select from certificate_revocations as gone where gone.certificate_id = certificate.id)
)
select person.id, person.first_name, person.last_name, person.email, person.site_id, site.name as site_name, person.leaves_on,
       coalesce(best.certificates, '[]') as certificates
  from organisation_people as person
  left join organisation_sites as site on site.id = person.site_id
  left join lateral (
       select jsonb_agg(to_jsonb(longest) order by longest.course_type) as certificates
         from (select distinct on (held.course_type)
                      held.number, held.course_type, held.course_name, held.holder, held.completed_on, held.expires_on
                 from held
                where case when held.email is not null and person.email is not null then held.email = lower(person.email)
                           else lower(held.holder) = lower(concat_ws(' ', person.first_name, person.last_name)) end
                order by held.course_type, held.expires_on desc, held.number) as longest) as best on true
 where person.organisation_id = %(organisation_id)s
 order by site.name nulls last, person.last_name, person.first_name, person.id
