"""Cancellation policies: what a cancellation returns. A new version begins on a day to come; one that was in force is never edited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from psycopg.types.json import Jsonb

from rft.audit.service import Actor, record
from rft.bookings.rules import Policy, Tier, refund_for
from rft.bookings.words import general_terms
from rft.database.pool import Connection
from rft.errors import NotFound, NotValid
from rft.kit.money import in_words

ROWS = 4
FIELDS = (
    "in_force_from", "minimum_age", "late_after_minutes",
    *(f"{name}_{row}" for row in range(ROWS) for name in ("days", "percent", "less")),
)  # fmt: skip
_LONGEST_NOTICE, _OLDEST, _LATEST = 365, 99, 240
_EXAMPLE_PRICE = Decimal("100.00")
_LIST = """
select version, in_force_from, tiers, minimum_age, late_after_minutes,
       (select count(*) from orders as placed where placed.policy_version = policy.version) as orders
  from cancellation_policies as policy
 order by in_force_from desc
"""
_ADD = """
insert into cancellation_policies (version, in_force_from, tiers, minimum_age, late_after_minutes)
select coalesce(max(version::integer) filter (where version ~ '^[0-9]{1,6}$'), 0) + 1,
       %(in_force_from)s, %(tiers)s, %(minimum_age)s, %(late)s
  from cancellation_policies
returning version
"""


@dataclass(frozen=True, slots=True)
class Version:
    policy: Policy
    in_force_from: date
    orders: int


async def list_versions(db: Connection) -> list[Version]:
    """The newest first."""
    rows = await (await db.execute(_LIST)).fetchall()
    return [
        Version(
            Policy(
                row["version"],
                [Tier(tier["at_least_days"], Decimal(tier["percent"]), Decimal(tier["less"])) for tier in row["tiers"]],
                row["minimum_age"],
                row["late_after_minutes"],
            ),
            row["in_force_from"],
            row["orders"],
        )
        for row in rows
    ]


def typed_from(version: Version, from_day: date) -> dict[str, str]:
    """A new version's form, filled in with an older one's terms."""
    typed = {"in_force_from": from_day.isoformat(), "minimum_age": str(version.policy.minimum_age)}
    typed["late_after_minutes"] = str(version.policy.late_after_minutes)
    tiers = version.policy.tiers
    for row in range(ROWS):
        tier = tiers[row] if row < len(tiers) else None
        typed[f"days_{row}"] = str(tier.at_least_days) if tier else ""
        typed[f"percent_{row}"] = f"{tier.percent.normalize():f}" if tier else ""
        typed[f"less_{row}"] = str(tier.less) if tier else ""
    return typed


def read_policy(typed: Mapping[str, str], today: date) -> tuple[Policy, date]:
    """The policy that the form means, and its first day. Raises NotValid, with a sentence for each field that is wrong."""
    errors: dict[str, str] = {}
    tiers: list[Tier] = []
    for row in range(ROWS):
        if not any(typed.get(f"{name}_{row}", "").strip() for name in ("days", "percent", "less")):
            continue
        days = _whole(typed, f"days_{row}", _LONGEST_NOTICE, errors)
        percent = _amount(typed, f"percent_{row}", Decimal(100), errors)
        less = _amount(typed, f"less_{row}", Decimal(1000), errors)
        if tiers and days >= tiers[-1].at_least_days and f"days_{row}" not in errors:
            errors[f"days_{row}"] = "Enter fewer days than in the row above."
        tiers.append(Tier(days, percent, less))
    minimum_age = _whole(typed, "minimum_age", _OLDEST, errors)
    late = _whole(typed, "late_after_minutes", _LATEST, errors)
    first = _day(typed.get("in_force_from", ""), today, errors)
    if errors:
        raise NotValid(errors=errors)
    return Policy("", tiers, minimum_age, late), first


def example(policy: Policy) -> list[tuple[str, str]]:
    """What goes back of £100.00 when it is cancelled so many days ahead, at the days where that changes."""
    days = sorted({day for tier in policy.tiers for day in (tier.at_least_days, tier.at_least_days - 1)}, reverse=True)
    first_day = date(2027, 3, 1)
    return [
        (
            f"{day} days",
            in_words(refund_for(_EXAMPLE_PRICE, policy, first_day=first_day, on=first_day - timedelta(day))),
        )
        for day in days
    ]


def terms(policy: Policy) -> list[tuple[str, str]]:
    return general_terms(policy)


async def add_version(db: Connection, actor: Actor, policy: Policy, first: date) -> str:
    """The new version's number. Orders made before its first day keep the terms that they were made under."""
    await db.execute("lock table cancellation_policies in share row exclusive mode")
    tiers = [
        {"at_least_days": tier.at_least_days, "percent": f"{tier.percent.normalize():f}", "less": f"{tier.less:.2f}"}
        for tier in policy.tiers
    ]
    values = {
        "in_force_from": first,
        "tiers": Jsonb(tiers),
        "minimum_age": policy.minimum_age,
        "late": policy.late_after_minutes,
    }
    row = await (await db.execute(_ADD, values)).fetchone()
    assert row is not None, "an insert returns its row"
    told = {
        "number": row["version"],
        "valid_from": first,
        "description": "; ".join(": ".join(line) for line in terms(policy)),
    }
    await record(db, actor, "policy.add", "system", None, new=told)
    return str(row["version"])


async def withdraw_version(db: Connection, actor: Actor, version: str) -> None:
    """Takes back a version that has not begun. Raises NotFound; one that has begun is refused by the database."""
    row = await (
        await db.execute("delete from cancellation_policies where version = %s returning version", (version,))
    ).fetchone()
    if row is None:
        raise NotFound
    await record(db, actor, "policy.withdraw", "system", None, old={"number": version})


def _whole(typed: Mapping[str, str], name: str, most: int, errors: dict[str, str]) -> int:
    text = typed.get(name, "").strip()
    if text.isascii() and text.isdecimal() and len(text) <= 4 and int(text) <= most:
        return int(text)
    errors[name] = f"Enter a whole number up to {most}."
    return 0


def _amount(typed: Mapping[str, str], name: str, most: Decimal, errors: dict[str, str]) -> Decimal:
    text = typed.get(name, "").strip() or "0"
    whole, _, rest = text.partition(".")
    if (whole + rest).isdecimal() and text.isascii() and len(whole) <= 4 and len(rest) <= 2 and Decimal(text) <= most:
        return Decimal(text)
    errors[name] = f"Enter a number up to {most}."
    return Decimal(0)


def _day(text: str, today: date, errors: dict[str, str]) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        errors["in_force_from"] = "Enter a date, such as 2026-12-01."
        return today
    if day <= today or day.year > today.year + 5:
        errors["in_force_from"] = "Choose a day from tomorrow on: what was promised today stays."
    return day
