"""Finds people by what they say on the telephone."""

from dataclasses import dataclass

from psycopg.rows import class_row

from rft.database.pool import Connection

_MOST = 8
# A number is told with or without its country; the last nine digits are the same.
_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    first_name: str
    last_name: str
    email: str
    phone: str | None
    bookings: int


_PEOPLE = """
select person.id, coalesce(person.first_name, '') as first_name, coalesce(person.last_name, '') as last_name, person.email, person.phone,
       (select count(*) from bookings as booking where booking.user_id = person.id) as bookings
  from users as person
 where person.role = 'customer' and person.is_active
"""


async def find_people(db: Connection, said: str) -> list[Person]:
    """By the beginning of an e-mail address or a name, or by a telephone number; eight at most."""
    text = said.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    digits = "".join(letter for letter in said if letter.isdecimal())
    if len(text) < 2:
        return []
    if len(digits) >= _DIGITS:
        condition = "and right(regexp_replace(person.phone, '[^0-9]', '', 'g'), 9) = %(digits)s"
    else:
        condition = """
           and person.id = any (array(
               select found.id from users as found
                where lower(found.email) like %(start)s or lower(found.last_name) like %(start)s
                   or lower(found.first_name || ' ' || found.last_name) like %(start)s))"""
    async with db.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(
            f"{_PEOPLE} {condition} order by person.last_name, person.first_name, person.id limit %(most)s",
            {"start": f"{text}%", "digits": digits[-_DIGITS:], "most": _MOST},
        )
        return await cursor.fetchall()


async def find_person(db: Connection, user_id: int) -> Person | None:
    async with db.cursor(row_factory=class_row(Person)) as cursor:
        await cursor.execute(f"{_PEOPLE} and person.id = %s", (user_id,))
        return await cursor.fetchone()
