-- Where courses are taught, by name, street, town and postcode with and without its space. They are few: no index is worth its keep.
select venue.id, venue.id::text as place, venue.name as title,
       concat_ws(' · ', venue.address_line1, venue.city, venue.postcode, case when venue.is_active then null else 'Not used now' end) as detail,
       array[lower(venue.postcode)] as marks,
       search_key(venue.name || ' ' || venue.address_line1 || ' ' || venue.city || ' ' || venue.postcode || ' '
                  || replace(venue.postcode, ' ', '')) as said
  from venues as venue
