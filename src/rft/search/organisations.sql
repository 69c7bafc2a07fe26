-- Employers, by name, reference, whom invoices go to, and postcode; the expression is that of organisations_search.
select organisation.id, organisation.id::text as place, organisation.name as title,
       concat_ws(' · ', organisation.reference, organisation.accounts_contact, organisation.billing_email) as detail,
       array[lower(organisation.reference), lower(organisation.billing_email)] as marks,
       search_key(organisation.name || ' ' || organisation.reference || ' ' || coalesce(organisation.billing_name, '') || ' '
                  || coalesce(organisation.billing_email, '') || ' ' || coalesce(organisation.accounts_contact, '') || ' '
                  || search_lines(organisation.billing_address)) as said
  from organisations as organisation
