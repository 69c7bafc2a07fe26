"""Today's work is put off until a day and comes back: on that day, when asked, or when there is more of it."""

from datetime import timedelta

import pytest

from rft.audit.service import Actor
from rft.database.pool import Database
from rft.errors import NotValid
from rft.kit.clock import london_today, utc_now
from rft.operations.today import ToDo, list_work
from rft.operations.today_later import later_days, put_off
from tests.builders import Db, Row, a_schedule, completed_booking, insert
from tests.features.browser import Browser
from tests.features.mailing import one, rows

TODAY = london_today(utc_now())


@pytest.fixture
def schedule(db: Db) -> Row:
    """A course that is over, whose certificates are due."""
    schedule = a_schedule(db)
    completed_booking(db, schedule)
    return schedule


def a_failed_mail(db: Db, key: str) -> None:
    insert(db, "outbox_mails", dedupe_key=key, email_type="x", recipient="x@example.com", subject="x", text_body="t",
           html_body="h", state="failed")  # fmt: skip


async def to_do(database: Database, *, days: int = 0) -> ToDo:
    async with database.connection() as db:
        return await list_work(db, utc_now() + timedelta(days=days))


async def test_carol_puts_a_thing_off_and_takes_it_up_again(
    db: Db, database: Database, office: Browser, admin: Row, schedule: Row
) -> None:
    until = later_days(TODAY)[0]
    named = {"kind": "certificates_due", "place": str(schedule["id"])}
    await office.send_form("/office/today/later", page="/office", until=until.isoformat(), **named)
    found = await to_do(database)
    assert (found.shown, [work.until for work in found.put_off]) == ([], [until])
    assert "Take it up now" in (await office.get("/office?work=later")).text
    await office.send_form("/office/today/now", page="/office?work=later", **named)
    assert [work.kind for work in (await to_do(database)).shown] == ["certificates_due"]
    acts = rows(db, "select admin_id, action from admin_activity_logs order by id")
    assert acts == [{"admin_id": admin["id"], "action": act} for act in ("work.put_off", "work.take_up")]


async def test_what_is_put_off_comes_back_on_its_day(database: Database, admin: Row, schedule: Row) -> None:
    actor = Actor(admin["id"])
    until = TODAY + timedelta(days=3)
    await database.run(
        lambda db: put_off(db, actor, "certificates_due", str(schedule["id"]), until=until, now=utc_now())
    )
    assert (await to_do(database, days=2)).shown == []
    assert len((await to_do(database, days=3)).shown) == 1


async def test_more_of_what_is_put_off_is_shown_at_once(db: Db, database: Database, admin: Row) -> None:
    a_failed_mail(db, "a")
    until = TODAY + timedelta(days=7)
    await database.run(lambda db: put_off(db, Actor(admin["id"]), "mail_failed", "", until=until, now=utc_now()))
    assert (await to_do(database)).shown == []
    a_failed_mail(db, "b")
    assert [work.number for work in (await to_do(database)).shown] == [2]


@pytest.mark.parametrize(("kind", "days"), [("certificates_due", 0), ("certificates_due", 40), ("nonsense", 3)])
async def test_nothing_else_is_put_off(kind: str, days: int, database: Database, admin: Row, schedule: Row) -> None:
    until = TODAY + timedelta(days=days)
    with pytest.raises(NotValid):
        await database.run(
            lambda db: put_off(db, Actor(admin["id"]), kind, str(schedule["id"]), until=until, now=utc_now())
        )


async def test_what_differs_at_stripe_and_broken_rules_are_work(db: Db, database: Database, admin: Row) -> None:
    insert(db, "reconciliation_differences", object="charge", stripe_id="pi_1", at_stripe=75, first_seen_at=utc_now(),
           last_seen_at=utc_now())  # fmt: skip
    db.execute(
        "insert into admin_activity_logs (admin_id, action, new_values) values (%s, 'rules.check', '{\"total\": 40, \"broken\": 1}')",
        (admin["id"],),
    )
    texts = {work.href: work.text for work in (await to_do(database)).shown}
    assert texts["/office/reconciliation"] == "The ledger and Stripe differ in 1 place, by £75.00"
    assert texts["/office/rules"] == "1 rule is broken by what is stored"
    db.execute("update reconciliation_differences set resolved_at = localtimestamp, resolution = 'agrees'")
    assert one(db, "select count(*) as open from reconciliation_differences where resolved_at is null")["open"] == 0
    assert "/office/reconciliation" not in {work.href for work in (await to_do(database)).shown}
