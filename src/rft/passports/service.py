"""Keeps an organisation's list of people and the cover of its sites, says who books for it, and books for its people."""

from collections.abc import Sequence
from datetime import datetime

from psycopg.errors import ForeignKeyViolation

from rft import jobs
from rft.audit.service import Actor
from rft.bookings.policies import get_policy_in_force
from rft.bookings.schemas import AttendeeRequest, Booker, OrderRequest
from rft.bookings.service import PlacedOrder, place_order
from rft.database.pool import Connection
from rft.errors import NotFound, NotValid
from rft.kit.passwords import UNUSABLE
from rft.organisations.queries import Organisation
from rft.organisations.schemas import MemberRequest
from rft.organisations.service import add_member, put_on_account
from rft.passports.queries import list_people
from rft.passports.rules import Person
from rft.passports.schemas import BookingRequest, CoverRequest, PersonRequest

_NO_SUCH_SITE = "Your organisation has no such site."


async def add_person(db: Connection, organisation_id: int, asked: PersonRequest) -> None:
    try:
        await db.execute(
            """
            insert into organisation_people (organisation_id, site_id, first_name, last_name, email, leaves_on)
            values (%(organisation_id)s, %(site_id)s, %(first_name)s, %(last_name)s, %(email)s, %(leaves_on)s)
            """,
            {"organisation_id": organisation_id, **asked.model_dump()},
        )
    except ForeignKeyViolation as cause:
        raise NotValid(_NO_SUCH_SITE, errors={"site_id": _NO_SUCH_SITE}) from cause


async def change_person(db: Connection, organisation_id: int, person_id: int, asked: PersonRequest) -> None:
    """Raises NotFound also for a person of another organisation."""
    try:
        cursor = await db.execute(
            """
            update organisation_people
               set site_id = %(site_id)s, first_name = %(first_name)s, last_name = %(last_name)s, email = %(email)s,
                   leaves_on = %(leaves_on)s
             where id = %(person_id)s and organisation_id = %(organisation_id)s
            """,
            {"person_id": person_id, "organisation_id": organisation_id, **asked.model_dump()},
        )
    except ForeignKeyViolation as cause:
        raise NotValid(_NO_SUCH_SITE, errors={"site_id": _NO_SUCH_SITE}) from cause
    if cursor.rowcount == 0:
        raise NotFound


async def remove_person(db: Connection, organisation_id: int, person_id: int) -> None:
    """Off the list; bookings and certificates are theirs and stay. Raises NotFound."""
    cursor = await db.execute(
        "delete from organisation_people where id = %s and organisation_id = %s", (person_id, organisation_id)
    )
    if cursor.rowcount == 0:
        raise NotFound


async def set_cover(db: Connection, organisation_id: int, asked: CoverRequest) -> None:
    if asked.needed == 0:
        await db.execute(
            "delete from site_cover where organisation_id = %s and site_id = %s and course_type = %s",
            (organisation_id, asked.site_id, asked.course_type),
        )
        return
    owned = await db.execute(
        "select from organisation_sites where organisation_id = %s and id = %s", (organisation_id, asked.site_id)
    )
    if owned.rowcount == 0:
        raise NotValid(_NO_SUCH_SITE, errors={"site_id": _NO_SUCH_SITE})
    await db.execute(
        """
        insert into site_cover (organisation_id, site_id, course_type, needed)
        values (%(organisation_id)s, %(site_id)s, %(course_type)s, %(needed)s)
        on conflict (site_id, course_type) do update set needed = excluded.needed
        """,
        {"organisation_id": organisation_id, **asked.model_dump()},
    )


async def invite_member(db: Connection, actor: Actor, organisation_id: int, asked: MemberRequest) -> None:
    """May book from now on, and is told by mail. Who has no account gets one, which only its own mailbox opens.

    Raises AlreadyMember, NobodyByThatAddress for an account that is not a customer's.
    """
    await db.execute(
        "insert into users (email, password_hash) values (%s, %s) on conflict do nothing", (asked.email, UNUSABLE)
    )
    await add_member(db, actor, organisation_id, asked)
    await jobs.enqueue(db, "notifications.send_booker_invitation", organisation_id=organisation_id, email=asked.email)


async def book_people(
    db: Connection, organisation: Organisation, user_id: int, asked: BookingRequest, *, now: datetime, hold_minutes: int
) -> PlacedOrder:
    """An order on the organisation's account with its people in the seats. Raises NotValid, and whatever place_order raises."""
    people = _chosen(await list_people(db, organisation.id), asked.people)
    policy = await get_policy_in_force(db, now)
    if asked.payment_method == "invoice" and not asked.purchase_order:
        sentence = "Enter the number of your purchase order."
        raise NotValid(sentence, errors={"purchase_order": sentence})
    placed = await place_order(
        db,
        OrderRequest(
            schedule_id=asked.schedule_id,
            seats=len(people),
            booker=await _booker(db, user_id),
            attendees=[
                AttendeeRequest(first_name=one.first_name, last_name=one.last_name, email=one.email) for one in people
            ],
            payment_method=asked.payment_method,
            organisation_name=organisation.name,
            purchase_order=asked.purchase_order,
            terms_version=policy.version,
        ),
        now=now,
        hold_minutes=hold_minutes,
        user_id=user_id,
    )
    cursor = await db.execute("select id from orders where reference = %s", (placed.reference,))
    row = await cursor.fetchone()
    assert row is not None, "the order has just been placed"
    await put_on_account(db, row["id"], organisation.id)
    return placed


def _chosen(people: Sequence[Person], ids: Sequence[int]) -> list[Person]:
    chosen = [person for person in people if person.id in ids]
    if len(chosen) < len(set(ids)):
        raise NotValid("Choose people of your own list.", errors={"people": "Choose people of your own list."})
    return chosen


async def _booker(db: Connection, user_id: int) -> Booker:
    cursor = await db.execute("select email, first_name, last_name, phone from users where id = %s", (user_id,))
    row = await cursor.fetchone()
    if row is None or not row["first_name"] or not row["last_name"]:
        raise NotValid(
            "Please write your own name into your profile first: it stands on the order.", code="booker_unnamed"
        )
    return Booker(email=row["email"], first_name=row["first_name"], last_name=row["last_name"], phone=row["phone"])
