"""Certificates that run out: each step is reminded of once, the link books the right course, and no means no."""

import re
from datetime import date, timedelta

import pytest

from rft.database.pool import Database
from rft.requalification.links import renewal_address
from rft.requalification.rules import way_on
from rft.requalification.service import remind_all
from rft.settings import Settings
from tests.builders import Db, Row, a_schedule, insert
from tests.cast import carol
from tests.features.browser import HERE, Browser
from tests.features.expiring import a_certificate, a_qualified_course, in_days, trained
from tests.features.mailing import an_order, one, rows, utc


def expiring(db: Db, days: int) -> Row:
    return a_certificate(db, trained(db, course=a_qualified_course(db, "efaw"))["bookings"][0], in_days(db, days))


async def reminded(database: Database, settings: Settings, certificate: Row, days_before: int) -> int:
    day: date = certificate["expires_on"] - timedelta(days=days_before)
    return await remind_all(database, settings, now=utc(day.year, day.month, day.day, 8, 30))


async def test_each_step_is_reminded_of_once_and_a_missed_one_is_not_made_up_for(
    db: Db, database: Database, settings: Settings
) -> None:
    certificate = expiring(db, 200)
    sent = [await reminded(database, settings, certificate, day) for day in (91, 90, 89, 31, 30, 30, 0, -1)]
    assert sent == [0, 1, 0, 1, 1, 0, 0, 0]
    mails = rows(db, "select dedupe_key, recipient, text_body from outbox_mails order by id")
    assert [mail["dedupe_key"].partition(":")[0] for mail in mails] == [
        f"requalification-{step}" for step in (90, 60, 30)
    ]
    assert {mail["recipient"] for mail in mails} == {"amina@example.com"}
    assert renewal_address(settings, certificate["number"]) in mails[0]["text_body"]


async def test_after_a_correction_nobody_is_reminded_again_and_the_old_mails_links_still_work(
    browser: Browser, db: Db, database: Database, settings: Settings
) -> None:
    certificate = expiring(db, 200)
    assert await reminded(database, settings, certificate, 60) == 1
    same = {name: value for name, value in certificate.items() if name != "id"}
    corrected = insert(db, "certificates", **same | {"number": "RFT-C-00000-00000-0099", "replaces": certificate["id"]})
    assert [await reminded(database, settings, corrected, day) for day in (59, 30)] == [0, 1]
    link, stop = (renewal_address(settings, certificate["number"], page)[len(HERE) :] for page in ("", "/reminders"))
    assert corrected["number"] in (await browser.get(link)).text
    form = re.search(r'action="([^"]+/reminders[^"]*)"', (await browser.get(stop)).text)
    assert form
    assert (await browser.send_form(form[1], page=stop)).status_code == 200
    assert len(rows(db, "select from requalification_opt_outs")) == 1


@pytest.mark.parametrize(("hour", "sent"), [(22, 0), (23, 1)])
async def test_the_day_is_londons(hour: int, sent: int, db: Db, database: Database, settings: Settings) -> None:
    # In summer London's day begins at 23:00 UTC: the day before is still the 91st.
    certificate = expiring(db, 1)
    db.execute("alter table certificates disable trigger user")
    db.execute("update certificates set expires_on = '2031-09-01' where id = %s", (certificate["id"],))
    assert await remind_all(database, settings, now=utc(2031, 6, 2, hour, 30)) == sent


@pytest.mark.parametrize("why", ["revoked", "booked", "opted out", "erased"])
async def test_nothing_goes_to_whom_it_does_not_concern(
    why: str, browser: Browser, db: Db, database: Database, settings: Settings
) -> None:
    certificate = expiring(db, 40)
    if why == "revoked":
        insert(
            db,
            "certificate_revocations",
            certificate_id=certificate["id"],
            reason="identity",
            revoked_by=certificate["issued_by"],
        )
    elif why == "booked":
        course = a_qualified_course(db, "efaw_requalification")
        order = an_order(db, people=("amina khan",), schedule=a_schedule(db, course=course))
        shown = one(
            db,
            "select renewal_reference as reference from certificate_ledger where number = %(it)s",
            it=certificate["number"],
        )
        assert shown["reference"] == order["bookings"][0]["booking_reference"]
    elif why == "erased":
        insert(db, "erasures", user_id=certificate["issued_by"], erased_by=carol(db)["id"], reason="asked")
    else:
        link = renewal_address(settings, certificate["number"], "/reminders").removeprefix(HERE)
        assert (await browser.send_form(link, page=link)).status_code == 200
    assert await reminded(database, settings, certificate, 30) == 0
    assert rows(db, "select from outbox_mails") == []


async def test_the_link_shows_the_requalification_in_time_and_fills_in_the_booking(
    browser: Browser, db: Db, settings: Settings
) -> None:
    certificate = expiring(db, 40)
    requalification = a_qualified_course(db, "efaw_requalification", price="70.00")
    soon = utc(*(in_days(db, 39).timetuple()[:3]), 9)
    late = utc(*(in_days(db, 50).timetuple()[:3]), 9)
    dates = [
        a_schedule(db, course=requalification, start_datetime=start, end_datetime=start + timedelta(hours=7))
        for start in (soon, late)
    ]
    link = renewal_address(settings, certificate["number"]).removeprefix(HERE)
    page = (await browser.get(link)).text
    assert re.findall(r'href="/dates/(\d+)"', page)[0] == str(dates[0]["id"])
    assert f'"/dates/{dates[1]["id"]}"' not in page
    who = (await browser.get(f"/book/{dates[0]['id']}/who?places=1")).text
    assert 'value="Amina"' in who
    assert 'value="amina@example.com"' in who
    assert (await browser.get(link.replace("token=", "token=x"))).status_code == 404


@pytest.mark.parametrize(
    ("day", "grace", "way"),
    [(0, 0, "requalification"), (1, 0, "whole course"), (28, 28, "requalification"), (29, 28, "whole course")],
)
def test_a_requalification_begins_in_time_or_the_whole_course_is_taken(day: int, grace: int, way: str) -> None:
    expires = date(2028, 2, 29)
    assert way_on(expires + timedelta(days=day), expires=expires, grace_days=grace) == way
