"""Reads what an organisation may see: itself, its people, its sites' cover, its invoices, and the lists it has made."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.invoices.queries import Invoice, select_invoices
from rft.passports.rules import Cover, Held, Person

_PEOPLE = statement(__file__, "people.sql")
_LATEST = 100


@dataclass(frozen=True, slots=True)
class SignedList:
    """A list of first-aiders as it was put up: `said` are the signed bytes, `numbers` the certificates on it."""

    reference: str
    organisation_id: int
    organisation_name: str
    said: str
    numbers: list[str]
    key_id: str
    signature: bytes
    made_at: datetime


async def find_role(db: Connection, organisation_id: int, user_id: int) -> str | None:
    """`owner` or `booker`; None for a stranger."""
    cursor = await db.execute(
        "select role from organisation_members where organisation_id = %s and user_id = %s", (organisation_id, user_id)
    )
    row = await cursor.fetchone()
    return str(row["role"]) if row is not None else None


async def list_people(db: Connection, organisation_id: int) -> list[Person]:
    """By site, those without one last."""
    cursor = await db.execute(_PEOPLE, {"organisation_id": organisation_id})
    return [_person(row) for row in await cursor.fetchall()]


async def get_person(db: Connection, organisation_id: int, person_id: int) -> Person:
    """Raises NotFound also for a person of another organisation."""
    found = [person for person in await list_people(db, organisation_id) if person.id == person_id]
    if not found:
        raise NotFound("There is nobody by that number on your list.")
    return found[0]


def _person(row: dict[str, Any]) -> Person:
    held = tuple(
        Held(
            **{
                **one,
                "completed_on": date.fromisoformat(one["completed_on"]),
                "expires_on": date.fromisoformat(one["expires_on"]),
            }
        )
        for one in row["certificates"]
    )
    return Person(**{**row, "certificates": held})


async def list_cover(db: Connection, organisation_id: int) -> list[Cover]:
    async with db.cursor(row_factory=class_row(Cover)) as cursor:
        await cursor.execute(
            """
            select site.id as site_id, site.name as site_name, cover.course_type, cover.needed
              from site_cover as cover join organisation_sites as site on site.id = cover.site_id
             where cover.organisation_id = %s
             order by site.name, cover.course_type
            """,
            (organisation_id,),
        )
        return await cursor.fetchall()


async def list_invoices(db: Connection, organisation_id: int) -> list[Invoice]:
    """Of orders on its account, the newest first, a hundred at most."""
    page = """(select * from invoices where order_id in
               (select order_id from order_organisations where organisation_id = %(organisation_id)s)
                order by id desc limit %(most)s)"""
    async with db.cursor(row_factory=class_row(Invoice)) as cursor:
        values = {"organisation_id": organisation_id, "most": _LATEST}
        await cursor.execute(f"{select_invoices(page)} order by invoice.id desc", values)
        return await cursor.fetchall()


async def list_signed(db: Connection, organisation_id: int) -> list[SignedList]:
    return await _signed(db, "made.organisation_id = %s order by made.id desc limit 10", (organisation_id,))


async def get_signed(db: Connection, reference: str) -> SignedList:
    """Raises NotFound."""
    found = await _signed(db, "made.reference = %s", (reference,))
    if not found:
        raise NotFound("We have signed no list with this reference.")
    return found[0]


async def _signed(db: Connection, condition: str, values: tuple[object, ...]) -> list[SignedList]:
    async with db.cursor(row_factory=class_row(SignedList)) as cursor:
        await cursor.execute(
            f"""
            select made.reference, made.organisation_id, organisation.name as organisation_name, made.said, made.numbers, made.key_id,
                   made.signature, made.made_at
              from first_aider_lists as made join organisations as organisation on organisation.id = made.organisation_id
             where {condition}
            """,  # noqa: S608 (our own conditions)
            values,
        )
        return await cursor.fetchall()


async def get_signed_pdf(db: Connection, organisation_id: int, reference: str) -> bytes:
    """Raises NotFound also for another organisation's."""
    cursor = await db.execute(
        "select pdf from first_aider_lists where organisation_id = %s and reference = %s", (organisation_id, reference)
    )
    row = await cursor.fetchone()
    if row is None:
        raise NotFound
    return bytes(row["pdf"])
