"""The ledger of expiry and the demand it brings, as the office sees them."""

from datetime import date
from decimal import Decimal

from rft.requalification.rules import Past, first_monday_before, renewal_rate
from tests.builders import Db
from tests.features.browser import Browser
from tests.features.expiring import a_certificate, a_qualified_course, in_days, trained


def test_the_rate_is_the_courses_own_drawn_towards_all_where_few_are_known() -> None:
    assert renewal_rate(Past(0, 0), Past(0, 0)) == Decimal("0.5")
    assert renewal_rate(Past(0, 0), Past(100, 20)) == Decimal("0.2")
    assert renewal_rate(Past(5, 5), Past(100, 20)) == Decimal("0.6")
    assert renewal_rate(Past(995, 398), Past(1000, 400)) == Decimal("0.4")


def test_a_date_is_proposed_on_the_first_monday_of_the_month_before_and_never_in_the_past() -> None:
    assert first_monday_before(date(2027, 3, 1), today=date(2026, 11, 22)) == date(2027, 2, 1)
    assert first_monday_before(date(2027, 1, 1), today=date(2026, 12, 28)) == date(2027, 1, 4)


async def test_carol_sees_who_runs_out_and_adds_the_dates_that_will_be_wanted(office: Browser, db: Db) -> None:
    requalification = a_qualified_course(db, "efaw_requalification")
    people = [f"Amina {letter}" for letter in "ABCDEFGH"]
    order = trained(db, *people, course=a_qualified_course(db, "efaw"), town="York")
    ends = in_days(db, 100)
    for number, booking in enumerate(order["bookings"]):
        a_certificate(db, booking, ends, number=number)
    assert f'/office/expiry/{ends:%Y-%m}"' in (await office.get("/office/expiry")).text
    month = (await office.get(f"/office/expiry/{ends:%Y-%m}")).text
    assert "Amina H" in month
    assert "Not reminded yet" in month
    demand = (await office.get("/office/expiry/demand")).text
    assert "About 4 people" in demand
    link = f"/office/series/new?course={requalification['id']}&amp;venue="
    assert link in demand
    href = demand[demand.index(link) :].partition('"')[0].replace("&amp;", "&")
    form = (await office.get(href)).text
    assert f'value="{requalification["id"]}" selected' in form
    assert (await office.get("/office/expiry/2027-13")).status_code == 404
