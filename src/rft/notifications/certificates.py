"""The mail that brings a certificate to its holder."""

from rft.certificates.checking import file_token
from rft.database.pool import Connection
from rft.kit.clock import utc_now
from rft.notifications import outbox
from rft.notifications.compose import Mail, one_line, render
from rft.notifications.facts import get_company
from rft.notifications.texts import find_text
from rft.settings import Settings

EMAIL_TYPE = "certificate_issued"
_FACTS = """
select certificate.id, certificate.number, certificate.holder, certificate.course_name, certificate.completed_on,
       certificate.expires_on, certificate.booking_id, certificate.replaces is not null as is_correction,
       coalesce(attendee.email, placed.booker_email, customer.email) as recipient
  from certificates as certificate
  join bookings as booking on booking.id = certificate.booking_id
  join users as customer on customer.id = booking.user_id
  left join order_bookings as seat on seat.booking_id = booking.id
  left join orders as placed on placed.id = seat.order_id
  left join attendees as attendee on attendee.booking_id = booking.id
 where certificate.id = %s
   and not exists (select from certificates as later where later.replaces = certificate.id)
   and not exists (select from certificate_revocations as gone where gone.certificate_id = certificate.id)
"""


async def write_certificate_mail(db: Connection, settings: Settings, certificate_id: int) -> int | None:
    """Queues the mail, once; None where it was written before, or where the certificate no longer stands.

    It goes to the attendee, and to whoever booked where the attendee gave no address. The link opens this one file.
    """
    row = await (await db.execute(_FACTS, (certificate_id,))).fetchone()
    if row is None:
        return None
    address = f"{settings.base_url}/certificates/{row['number']}"
    company = await get_company(db)
    words = await find_text(db, EMAIL_TYPE)
    said = {"name": row["holder"], "course": row["course_name"], "number": row["number"], "company": company.name}
    context = {
        "certificate": row,
        "company": company,
        "introduction": words.introduction_with(said),
        "link": f"{address}/file?token={file_token(settings, row['number'])}",
        "check": address,
        "now": utc_now(),
    }
    text, html = render("certificate_issued", context)
    subject = "Your corrected certificate" if row["is_correction"] else "Your certificate"
    return await outbox.put(
        db,
        Mail(
            dedupe_key=f"certificate-issued:{row['id']}",
            email_type=EMAIL_TYPE,
            recipient=row["recipient"],
            subject=one_line(words.subject_with(said, f"{subject}: {row['course_name']}"))[:255],
            text_body=text,
            html_body=html,
            calendar=None,
            booking_ids=[row["booking_id"]],
        ),
    )
