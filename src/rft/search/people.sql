-- Everybody with an account, by name, e-mail address and telephone number; the expression is that of users_search.
select person.id, person.id::text as place,
       coalesce(nullif(concat_ws(' ', person.first_name, person.last_name), ''), person.email) as title,
       concat_ws(' · ', person.email, person.phone, case person.role when 'customer' then null else initcap(person.role) end,
                 case when person.is_active then null else 'Deactivated' end) as detail,
       array[lower(person.email)] as marks,
       search_key(coalesce(person.first_name, '') || ' ' || coalesce(person.last_name, '') || ' ' || person.email || ' '
                  || search_digits(person.phone)) as said
  from users as person
