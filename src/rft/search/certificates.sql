-- Certificates, by number and holder; the expression is that of certificates_search.
select certificate.id, certificate.number as place, certificate.holder as title,
       concat_ws(' · ', certificate.number, certificate.course_name, to_char(certificate.completed_on, 'FMDD Mon YYYY')) as detail,
       array[lower(certificate.number)] as marks,
       search_key(certificate.number || ' ' || certificate.holder) as said
  from certificates as certificate
