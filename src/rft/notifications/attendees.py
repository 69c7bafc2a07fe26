"""The mail that asks an attendee for their details, with the link that lets them in."""

from rft.database.pool import Connection
from rft.kit.clock import utc_now
from rft.learners.service import make_link
from rft.notifications import outbox
from rft.notifications.compose import Mail, one_line, render
from rft.notifications.facts import get_company, list_sessions
from rft.notifications.texts import write_words
from rft.settings import Settings

EMAIL_TYPE = "attendee_invitation"


async def write_invitation(db: Connection, settings: Settings, booking_id: int) -> int | None:
    """Makes the attendee's link and queues the mail that carries it; None where they have one, or nothing is to be asked any more."""
    now = utc_now()
    link = await make_link(db, settings, booking_id, now=now)
    if link is None or link.place.recipient is None:
        return None
    place, company = link.place, await get_company(db)
    said = {"name": f"{place.first_name} {place.last_name}", "course": place.course_name, "company": company.name}
    own = f"Your place on {place.course_name}: please tell us about you"
    introduction, subject = await write_words(db, EMAIL_TYPE, said, own)
    context = {
        "place": place,
        "company": company,
        "introduction": introduction,
        "sessions": await list_sessions(db, [link.place.schedule_id]),
        "link": f"{settings.base_url}/attending?token={link.token}",
    }
    text, html = render("attendee_invitation", context)
    return await outbox.put(
        db,
        Mail(
            dedupe_key=f"attendee-invitation:{link.id}",
            email_type=EMAIL_TYPE,
            recipient=link.place.recipient,
            subject=one_line(subject)[:255],
            text_body=text,
            html_body=html,
            calendar=None,
            booking_ids=[booking_id],
        ),
    )
