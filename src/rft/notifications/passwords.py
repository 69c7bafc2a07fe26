"""The mail with a link to a new password. What is kept of it cannot be followed: the link is finished when the mail leaves."""

from dataclasses import replace

from rft.accounts.new_password import begin_new_password, link_token
from rft.database.pool import Connection
from rft.kit.clock import utc_now
from rft.notifications import outbox
from rft.notifications.compose import Mail, one_line, render
from rft.notifications.facts import get_company
from rft.notifications.texts import find_text
from rft.settings import Settings

EMAIL_TYPE = "new_password"
_LINK = "/new-password/link?access_token="


async def write_new_password_link(db: Connection, settings: Settings, email: str) -> int | None:
    """Queues the mail; None, and nothing else, where there is no open account of this address."""
    begun = await begin_new_password(db, settings, email, utc_now())
    if begun is None:
        return None
    user, handle = begun
    # In the demonstration no mail ever leaves, and whoever tries it out reads the outbox.
    token = link_token(settings, handle) if settings.demo and not settings.smtp_url else handle
    company = await get_company(db)
    words = await find_text(db, EMAIL_TYPE)
    said = {"name": user.name, "company": company.name}
    context = {
        "name": user.name,
        "company": company,
        "introduction": words.introduction_with(said),
        "link": f"{settings.base_url}{_LINK}{token}",
    }
    text, html = render("new_password", context)
    mail = Mail(
        dedupe_key=f"new-password:{handle}",
        email_type=EMAIL_TYPE,
        recipient=user.email,
        subject=one_line(words.subject_with(said, "Set a new password"))[:255],
        text_body=text,
        html_body=html,
        calendar=None,
        booking_ids=[],
    )
    return await outbox.put(db, mail)


def finish_link(settings: Settings, mail: Mail) -> Mail:
    """The mail as it leaves."""
    handle = mail.dedupe_key.partition(":")[2]
    unfinished, finished = f"{_LINK}{handle}", f"{_LINK}{link_token(settings, handle)}"
    return replace(
        mail,
        text_body=mail.text_body.replace(unfinished, finished),
        html_body=mail.html_body.replace(unfinished, finished),
    )
