"""What somebody says of themselves: name, telephone, password, and what they said yes and no to."""

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg.rows import class_row

from rft.accounts.schemas import ProfileRequest
from rft.database.pool import Connection
from rft.kit.passwords import UNUSABLE

# Purpose → what holds for whoever has said nothing. Reminders of an expiring certificate are part of what was bought.
PURPOSES = {"reminders": True, "marketing": False}


@dataclass(frozen=True, slots=True)
class Profile:
    first_name: str | None
    last_name: str | None
    phone: str | None
    has_password: bool


async def get_profile(db: Connection, user_id: int) -> Profile:
    async with db.cursor(row_factory=class_row(Profile)) as cursor:
        await cursor.execute(
            "select first_name, last_name, phone, password_hash <> %s as has_password from users where id = %s",
            (UNUSABLE, user_id),
        )
        profile = await cursor.fetchone()
    assert profile is not None, "whoever is signed in has an account"
    return profile


async def save_profile(db: Connection, user_id: int, asked: ProfileRequest) -> None:
    """The name on new orders; certificates and orders that are there keep theirs."""
    await db.execute(
        "update users set first_name = %(first_name)s, last_name = %(last_name)s, phone = %(phone)s where id = %(user_id)s",
        {"user_id": user_id, **asked.model_dump()},
    )


async def read_consents(db: Connection, user_id: int) -> dict[str, bool]:
    """Purpose → whether it is agreed to now."""
    cursor = await db.execute(
        "select distinct on (purpose) purpose, is_given from consents where user_id = %s order by purpose, id desc",
        (user_id,),
    )
    return PURPOSES | {row["purpose"]: row["is_given"] for row in await cursor.fetchall()}


async def say_consents(db: Connection, user_id: int, said: Mapping[str, bool]) -> None:
    """Writes down what has changed; what was said before stays, with its time."""
    before = await read_consents(db, user_id)
    for purpose, is_given in said.items():
        if before[purpose] != is_given:
            await db.execute(
                "insert into consents (user_id, purpose, is_given) values (%s, %s, %s)", (user_id, purpose, is_given)
            )
