"""Reads people for the office: found by name, address or telephone, and one of them with all that stands under the account."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from psycopg.rows import class_row

from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import NotFound
from rft.kit.pages import Window

WantedRole = Literal["", "customer", "instructor", "admin"]
WantedState = Literal["", "active", "closed", "merged"]
SYSTEM = "system@rft.invalid"

_ROWS = statement(__file__, "person_rows.sql")
_PERSON = """
select person.id, person.email, person.first_name, person.last_name, person.phone, person.role, person.is_active,
       person.last_login, person.created_at, person.updated_at, person.password_hash <> '!' as has_password,
       merged.into_user_id as merged_into, erased.erased_at
  from users as person
  left join merged_users as merged on merged.user_id = person.id
  left join erasures as erased on erased.user_id = coalesce(merged.into_user_id, person.id)
"""
_STATES: dict[WantedState, str] = {
    "": "true",
    "active": "person.is_active",
    "closed": "not person.is_active and merged.user_id is null",
    "merged": "merged.user_id is not null",
}
# Who fits is settled before anything is joined: each branch has an index or reads names alone.
_SEARCH = """
person.id = any (array(
    select found.id from users as found
     where lower(found.email) like %(start)s or lower(found.last_name) like %(start)s or lower(found.first_name) like %(start)s
        or lower(found.first_name || ' ' || found.last_name) like %(start)s
        or replace(found.phone, ' ', '') like %(digits)s))
"""


@dataclass(frozen=True, slots=True)
class Person:
    """An account. `merged_into` is the one that it is another name of; an erased one keeps only its number."""

    id: int
    email: str
    first_name: str | None
    last_name: str | None
    phone: str | None
    role: str
    is_active: bool
    last_login: datetime | None
    created_at: datetime
    updated_at: datetime
    has_password: bool
    merged_into: int | None
    erased_at: datetime | None

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.email

    @property
    def state(self) -> str:
        if self.erased_at is not None:
            return "erased"
        if self.merged_into is not None:
            return "merged"
        return "active" if self.is_active else "closed"


@dataclass(frozen=True, slots=True)
class Filed:
    """One line under an account: a booking, an order, a mail, an organisation, or a date that the person teaches."""

    kind: str
    reference: str
    what: str
    at: datetime
    state: str
    amount: Decimal | None
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFilter:
    search: str = ""
    role: WantedRole = ""
    state: WantedState = ""


async def list_people(db: Connection, wanted: PeopleFilter, window: Window) -> list[Person]:
    """The newest first, one more than the window shows; without the system's own account."""
    typed = wanted.search.strip().lower()
    conditions = [window.condition(["person.id"]), _STATES[wanted.state], "person.email <> %(system)s"]
    conditions += [_SEARCH] if typed else []
    conditions += ["person.role = %(role)s"] if wanted.role else []
    escaped = typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {
        "system": SYSTEM,
        "role": wanted.role,
        "start": f"{escaped}%",
        "digits": f"{escaped.replace(' ', '')}%",
    }
    query = f"{_PERSON} where {' and '.join(conditions)} {window.order(['person.id'])}"
    async with db.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(query, values | window.values())
        return await cursor.fetchall()


async def get_person(db: Connection, user_id: int) -> Person:
    """Raises NotFound, also for the system's own account."""
    async with db.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(
            f"{_PERSON} where person.id = %(id)s and person.email <> %(system)s", {"id": user_id, "system": SYSTEM}
        )
        person = await cursor.fetchone()
    if person is None:
        raise NotFound("There is no such person.", code="user_not_found")
    return person


async def find_person_by_email(db: Connection, email: str) -> Person | None:
    async with db.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(
            f"{_PERSON} where lower(person.email) = lower(%(email)s) and person.email <> %(system)s",
            {"email": email.strip(), "system": SYSTEM},
        )
        return await cursor.fetchone()


async def list_other_names(db: Connection, user_id: int) -> list[Person]:
    """The accounts that were merged into this one."""
    async with db.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(f"{_PERSON} where merged.into_user_id = %s order by person.id", (user_id,))
        return await cursor.fetchall()


async def list_alike(db: Connection, person: Person) -> list[Person]:
    """Customers who may be the same person: of the same name or telephone."""
    async with db.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(
            f"""
            {_PERSON}
             where person.id <> %(id)s and person.role = 'customer' and merged.user_id is null and erased.user_id is null
               and (lower(person.last_name) = lower(%(last_name)s) and lower(person.first_name) = lower(%(first_name)s)
                    or person.phone = %(phone)s)
             order by person.id
             limit 5
            """,
            {"id": person.id, "first_name": person.first_name, "last_name": person.last_name, "phone": person.phone},
        )
        return await cursor.fetchall()


async def read_filed(db: Connection, user_id: int) -> dict[str, list[Filed]]:
    """By kind, the newest first; twenty of each at most."""
    found: dict[str, list[Filed]] = {"booking": [], "order": [], "mail": [], "organisation": [], "date": []}
    async with db.cursor(row_factory=class_row(Filed)) as cursor:
        await cursor.execute(_ROWS, {"id": user_id})
        for row in await cursor.fetchall():
            found[row.kind].append(row)
    return found
