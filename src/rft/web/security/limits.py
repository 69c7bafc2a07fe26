"""How often something may be tried: a fixed window per subject, counted in one statement, also without a database."""

import hmac
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

import psycopg

from rft.database.pool import Connection, Database
from rft.errors import Busy, TooMany
from rft.kit.clock import utc_now
from rft.settings import Settings
from rft.web.security.addresses import network_of

_MOST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Limit:
    """`times` in `seconds`, for each subject. `name` keeps the counters of different limits apart."""

    name: str
    times: int
    seconds: int


# The counter stops at one above the limit, so that it can never overflow.
_SPEND = """
insert into rate_limits as counter (name, subject_hash, window_began, times)
values (%(name)s, %(subject)s, %(now)s, 1)
on conflict (name, subject_hash) do update
   set times = case when counter.window_began <= %(floor)s then 1
                    else least(counter.times + 1, %(most)s) end,
       window_began = case when counter.window_began <= %(floor)s then excluded.window_began
                           else counter.window_began end
returning times, window_began
"""
_GIVE_BACK = """
update rate_limits set times = times - 1
 where name = %(name)s and subject_hash = %(subject)s and times > 0
"""

_Key = tuple[str, bytes]
# What this process counts while the table cannot: less than what all processes would count together, but still a limit.
_own: OrderedDict[_Key, tuple[datetime, int]] = OrderedDict()


async def spend(database: Database, settings: Settings, limit: Limit, subject: str) -> None:
    """Counts one try. Raises TooMany, with the seconds to wait in `facts["retry_after"]`, beyond the limit."""
    now = utc_now()
    key = _key(settings, limit, subject)
    try:
        began, times = await _count(database, limit, key, now)
    except (Busy, psycopg.Error):
        began, times = _count_here(limit, key, now)
    if times > limit.times:
        wait = int((began + timedelta(seconds=limit.seconds) - now).total_seconds()) + 1
        raise TooMany(facts={"retry_after": max(1, wait)})


async def spend_unless_local(database: Database, settings: Settings, limit: Limit, address: str) -> None:
    """The same for an address, save this machine's own: what runs here is ours. (A proxy's are never taken for it.)"""
    if not ip_address(address).is_loopback:
        await spend(database, settings, limit, network_of(address))


async def give_back(database: Database, settings: Settings, limit: Limit, subject: str) -> None:
    """Takes one try off again: it was not the kind that the limit is for."""
    key = _key(settings, limit, subject)
    if key in _own:
        began, times = _own[key]
        _own[key] = (began, max(0, times - 1))
    async with database.connection() as db:
        await db.execute(_GIVE_BACK, {"name": key[0], "subject": key[1]})


async def forget_old_counters(db: Connection, now: datetime) -> None:
    """Deletes counters whose window closed long ago; no limit is longer than a day."""
    await db.execute("delete from rate_limits where window_began < %(then)s", {"then": now - timedelta(days=1)})


async def _count(database: Database, limit: Limit, key: _Key, now: datetime) -> tuple[datetime, int]:
    values = {
        "name": key[0],
        "subject": key[1],
        "now": now,
        "floor": now - timedelta(seconds=limit.seconds),
        "most": limit.times + 1,
    }
    async with database.connection() as db:
        row = await (await db.execute(_SPEND, values)).fetchone()
    assert row is not None, "an upsert returns its row"
    return row["window_began"], row["times"]


def _count_here(limit: Limit, key: _Key, now: datetime) -> tuple[datetime, int]:
    began, times = _own.pop(key, (now, 0))
    if began <= now - timedelta(seconds=limit.seconds):
        began, times = now, 0
    _own[key] = (began, times + 1)
    if len(_own) > _MOST_KEPT:
        _own.popitem(last=False)
    return began, times + 1


def _key(settings: Settings, limit: Limit, subject: str) -> _Key:
    """E-mail and network addresses are not kept in the counters' table."""
    hidden = hmac.digest(settings.secret_key.encode(), b"limit\n" + subject.encode("utf-8", "replace"), "sha256")
    return limit.name, hidden
