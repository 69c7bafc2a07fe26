"""Mails to accounts: the link that signs somebody in, and that they may book for an organisation."""

from typing import Any

from rft.accounts.links import make_sign_in_link
from rft.database.pool import Connection
from rft.kit.clock import utc_now
from rft.kit.references import hash_token
from rft.notifications import outbox
from rft.notifications.compose import Mail, one_line, render
from rft.notifications.facts import get_company
from rft.notifications.texts import write_words

SIGN_IN_LINK, BOOKER_INVITATION = "sign_in_link", "booker_invitation"


async def write_sign_in_link(db: Connection, email: str, *, base_url: str) -> int | None:
    """None where there is nobody to send one to."""
    made = await make_sign_in_link(db, email, utc_now())
    if made is None:
        return None
    user, token = made
    context = {"name": user.name, "link": f"{base_url}/sign-in/link?token={token}"}
    said = {"name": user.name}
    # Each asking is a mail of its own.
    turn = hash_token(token).hex()
    return await _put(db, SIGN_IN_LINK, user.email, "Your link to sign in", context, said, turn=turn)


async def write_booker_invitation(db: Connection, organisation_id: int, email: str, *, base_url: str) -> int | None:
    """None where they no longer book for it."""
    cursor = await db.execute(
        """
        select organisation.name, person.id as user_id, person.email, member.created_at
          from organisation_members as member
          join organisations as organisation on organisation.id = member.organisation_id
          join users as person on person.id = member.user_id
         where member.organisation_id = %s and lower(person.email) = lower(%s)
        """,
        (organisation_id, email),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    context = {"organisation": row["name"], "link": f"{base_url}/sign-in/by-mail"}
    turn = f"{organisation_id}-{row['user_id']}-{row['created_at']:%Y%m%d%H%M%S}"
    said = {"organisation": row["name"]}
    return await _put(db, BOOKER_INVITATION, row["email"], f"You book for {row['name']}", context, said, turn=turn)


async def _put(
    db: Connection, kind: str, recipient: str, subject: str, context: dict[str, Any], said: dict[str, str], *, turn: str
) -> int | None:
    company = await get_company(db)
    introduction, subject = await write_words(db, kind, {**said, "company": company.name}, subject)
    text, html = render(kind, {**context, "company": company, "introduction": introduction})
    return await outbox.put(
        db,
        Mail(
            dedupe_key=f"{kind.replace('_', '-')}:{turn}",
            email_type=kind,
            recipient=recipient,
            subject=one_line(subject)[:255],
            text_body=text,
            html_body=html,
            calendar=None,
            booking_ids=[],
        ),
    )
