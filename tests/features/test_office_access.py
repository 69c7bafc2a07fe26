"""The back office is open to admins only, and an act only to a form of our own."""

from collections.abc import Callable

import pytest

from tests.builders import Db, a_schedule
from tests.cast import amina, ben
from tests.features.browser import Browser
from tests.features.mailing import an_order, rows

PAGES = (
    "/office", "/office?work=all", "/office/rules", "/office/orders", "/office/bookings", "/office/schedules",
    "/office/schedules?view=past", "/office/schedules?view=drafts", "/office/schedules?view=cancelled",
    "/office/activity", "/office/activity/export.csv", "/office/schedules/new", "/office/series/new", "/office/calendar",
    "/office/calendar?view=week", "/office/calendar?view=agenda", "/office/calendar/feed",
    "/office/activity", "/office/activity/export.csv", "/office/organisations", "/office/organisations/new",
    "/office/receivables", "/office/bank", "/office/bank?state=out",
    "/office/courses", "/office/venues", "/office/people", "/office/people?role=admin&state=active&q=carol",
    "/office/instructors", "/office/planning/replace",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
async def test_carol_sees_each_page_of_an_empty_system(page: str, office: Browser) -> None:
    assert (await office.get(page)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
async def test_a_stranger_is_led_to_the_sign_in_and_back(page: str, browser: Browser) -> None:
    answer = await browser.get(page)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=/office")


@pytest.mark.parametrize("who", [amina, ben])
async def test_customers_and_instructors_are_refused(
    who: Callable[..., dict[str, str]], db: Db, new_browser: Callable[..., Browser], password_hash: str
) -> None:
    browser = new_browser()
    await browser.sign_in(who(db, password_hash=password_hash)["email"])
    assert {(await browser.get(page)).status_code for page in PAGES} == {403}


async def test_ben_can_do_none_of_the_acts(db: Db, new_browser: Callable[..., Browser], password_hash: str) -> None:
    order, schedule = an_order(db, confirmed=False), a_schedule(db, status="draft")
    browser = new_browser()
    await browser.sign_in(ben(db, password_hash=password_hash)["email"])
    acts = [f"/office/orders/{order['reference']}/{act}" for act in ("payments", "release")]
    acts += [
        f"/office/bookings/{order['bookings'][0]['booking_reference']}/{act}"
        for act in ("confirm", "complete", "no-show", "certificate")
    ]
    acts += [f"/office/schedules/{schedule['id']}/{act}" for act in ("publish", "cancel")] + ["/office/rules"]
    answers = {(await browser.send_form(act, page="/account", method="cash")).status_code for act in acts}
    assert answers == {403}
    assert rows(db, "select action from admin_activity_logs") == []


async def test_an_act_without_the_pages_own_token_does_nothing(db: Db, office: Browser) -> None:
    order = an_order(db, confirmed=False)
    answer = await office.post(f"/office/orders/{order['reference']}/release")
    assert answer.status_code == 403
    assert rows(db, "select status from bookings") == [{"status": "pending"}]


async def test_the_navigation_leads_to_pages_that_exist(office: Browser) -> None:
    page = (await office.get("/office")).text
    links = {part.split('"')[0] for part in page.split('<a href="')[1:] if part.startswith("/office")}
    assert len(links) >= 8
    assert {(await office.get(link)).status_code for link in links} <= {200, 303}
