"""The mail with a link to a new password. What is kept of it cannot be followed: the link is finished when the mail leaves."""

from dataclasses import replace

from rft.accounts.new_password import begin_new_password, link_token
from rft.database.pool import Connection
from rft.kit.clock import utc_now
from rft.notifications import outbox
from rft.notifications.compose import Mail, render
from rft.notifications.facts import get_company
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
    context = {"name": user.name, "company": await get_company(db), "link": f"{settings.base_url}{_LINK}{token}"}
    text, html = render("new_password", context)
    mail = Mail(
        dedupe_key=f"new-password:{handle}",
        email_type=EMAIL_TYPE,
        recipient=user.email,
        subject="Set a new password",
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
