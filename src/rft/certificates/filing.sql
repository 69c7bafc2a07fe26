-- Files certificates with their PDFs, in the order in which they are given: one statement, however many there are.
with given as (
    select *
      from unnest(%(number)s::text[], %(booking_id)s::integer[], %(holder)s::text[], %(course)s::text[], %(course_type)s::text[],
                  %(hours)s::numeric[], %(completed)s::date[], %(expires)s::date[], %(trainer)s::text[], %(issuer)s::text[],
                  %(signature)b::bytea[], %(replaces)s::bigint[], %(pdf)b::bytea[])
           with ordinality as draft (number, booking_id, holder, course, course_type, hours, completed, expires, trainer, issuer,
                                     signature, replaces, pdf, place)),
filed as (
    insert into certificates (number, booking_id, holder, course_name, course_type, hours, completed_on, expires_on, trainer, issuer,
                              key_id, signature, replaces, issued_by, issued_at)
    select given.number, given.booking_id, given.holder, given.course, given.course_type, given.hours, given.completed, given.expires,
           given.trainer, given.issuer, %(key_id)s, given.signature, given.replaces, %(issued_by)s, %(issued_at)s
      from given
     order by given.place
    returning id, number),
kept as (
    insert into certificate_files (certificate_id, pdf)
    select filed.id, given.pdf from filed join given on given.number = filed.number)
select id, number from filed
