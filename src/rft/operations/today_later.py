"""Puts a thing of Today's work off until a day, and takes it up again."""

from datetime import date, datetime, timedelta

from rft.audit.service import Actor, record
from rft.database.pool import Connection
from rft.errors import NotValid
from rft.kit.clock import london_today
from rft.operations.today import ALL, list_work

# What nobody looks at for longer is not put off but forgotten.
LONGEST = timedelta(days=31)
_PUT_OFF = """
insert into work_snoozes (kind, place, number, until, put_off_by, put_off_at)
values (%(kind)s, %(place)s, %(number)s, %(until)s, %(by)s, %(now)s)
    on conflict (kind, place) do update
   set number = excluded.number, until = excluded.until, put_off_by = excluded.put_off_by, put_off_at = excluded.put_off_at
"""


def later_days(today: date) -> list[date]:
    """Tomorrow, in three days, next Monday and in a fortnight, each once and in order."""
    monday = today + timedelta(days=7 - today.weekday())
    return sorted({today + timedelta(days=1), today + timedelta(days=3), monday, today + timedelta(days=14)})


async def put_off(db: Connection, actor: Actor, kind: str, place: str, *, until: date, now: datetime) -> None:
    """Raises NotValid for what is not to be done (any more), and for a day that is not within the next month."""
    today = london_today(now)
    if not today < until <= today + LONGEST:
        raise NotValid("Work is put off until a day of the coming month.")
    to_do = await list_work(db, now, most=ALL)
    work = next((item for item in to_do.shown if (item.kind, item.place) == (kind, place)), None)
    if work is None:
        raise NotValid("This is not to be done any more.")
    values = {"kind": kind, "place": place, "number": work.number, "until": until, "by": actor.user_id, "now": now}
    await db.execute(_PUT_OFF, values)
    await record(db, actor, "work.put_off", "system", None, new={"description": work.text, "until": until})


async def take_up(db: Connection, actor: Actor, kind: str, place: str) -> None:
    """What is not put off is left as it is."""
    cursor = await db.execute(
        "delete from work_snoozes where kind = %(kind)s and place = %(place)s returning until",
        {"kind": kind, "place": place},
    )
    row = await cursor.fetchone()
    if row:
        new = {"kind": kind.replace("_", " "), "reference": place or None}
        await record(db, actor, "work.take_up", "system", None, old={"until": row["until"]}, new=new | {"until": None})
