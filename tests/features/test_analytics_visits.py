"""Visits are counted for those who agreed, without anything that says who they are, and never at a page's cost."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from rft import jobs
from rft.analytics.jobs import forget
from rft.analytics.queue import Event, EventQueue
from rft.analytics.rules import shortened, source_of, without_query
from rft.database.pool import Database
from rft.kit.clock import london_today, utc_now
from rft.settings import Settings
from rft.web.security.addresses import UNKNOWN
from tests.builders import Db, Row, a_schedule
from tests.features.api import Api, refused_fields
from tests.features.browser import Browser

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/17.0 Mobile/15E148 Safari/604.1"
)
FROM_ELSEWHERE = {"user-agent": PHONE, "referer": "https://www.search.example/find?q=amina+khan"}


async def events(app: FastAPI, db: Db) -> list[Row]:
    queue: EventQueue = app.state.events
    await queue.flush()
    return db.execute("select * from analytics_events order by id").fetchall()


async def agree(browser: Browser, choice: str = "yes") -> None:
    assert (await browser.send_form("/consent", page="/dates", choice=choice, next="/dates")).status_code == 303


async def test_without_a_yes_nothing_is_written(app: FastAPI, browser: Browser, db: Db) -> None:
    assert "May we count" in (await browser.get("/dates", headers=FROM_ELSEWHERE)).text
    await agree(browser, "no")
    page = await browser.get("/dates", headers=FROM_ELSEWHERE)
    assert "May we count" not in page.text
    assert "rft_visit" not in browser.cookies
    assert await events(app, db) == []


async def test_a_visit_is_kept_without_what_says_who_it_is(app: FastAPI, browser: Browser, db: Db) -> None:
    await agree(browser)
    schedule = a_schedule(db)
    await browser.get("/dates?city=Leeds&q=amina", headers=FROM_ELSEWHERE)
    await browser.get(f"/dates/{schedule['id']}", headers=FROM_ELSEWHERE)
    seen = await events(app, db)
    assert [(event["event_type"], event["page_url"], event["event_data"]) for event in seen] == [
        ("page_view", "/dates", {"source": "search.example"}),
        ("search", "/dates", {"city": "Leeds"}),
        ("page_view", f"/dates/{schedule['id']}", {"source": "search.example"}),
        ("checkout_step", f"/dates/{schedule['id']}", {"step": "date"}),
    ]
    assert {event["referrer_url"] for event in seen} == {"https://www.search.example/find"}
    assert {str(event["ip_address"]) for event in seen} == {"198.51.100.0/24"}
    assert {(event["device_type"], event["browser"]) for event in seen} == {("mobile", "Mobile Safari")}
    assert len({event["session_id"] for event in seen}) == 1
    assert "amina" not in str(seen).lower()


async def test_who_takes_the_yes_back_is_counted_no_more(app: FastAPI, browser: Browser, db: Db) -> None:
    await agree(browser)
    await browser.get("/dates", headers=FROM_ELSEWHERE)
    assert "Stop counting my visits" in (await browser.get("/privacy", headers=FROM_ELSEWHERE)).text
    await browser.send_form("/consent", page="/privacy", choice="no")
    await browser.get("/courses", headers=FROM_ELSEWHERE)
    assert {event["page_url"] for event in await events(app, db)} == {"/dates", "/privacy"}


async def test_the_office_and_somebodys_own_pages_are_not_told_by_name(app: FastAPI, office: Browser, db: Db) -> None:
    await agree(office)
    await office.get("/office/orders", headers=FROM_ELSEWHERE)
    await office.get("/certificates/RFT-C-00000-00000-0000", headers=FROM_ELSEWHERE)
    assert not {event["page_url"] for event in await events(app, db)} & {
        "/office/orders",
        "/certificates/RFT-C-00000-00000-0000",
    }


async def test_a_batch_is_taken_from_those_who_agreed(app: FastAPI, api: Api, db: Db) -> None:
    told = {"events": [{"type": "click", "url": "http://rft.test/dates?secret=1", "data": {"what": "map"}}] * 50}
    assert (await api.post("/events", json=told)).json() == {"accepted": 0}
    answer = await api.post("/events", json=told, headers={"cookie": "rft_consent=yes", "user-agent": PHONE})
    assert (answer.status_code, answer.json()) == (202, {"accepted": 50})
    seen = await events(app, db)
    assert (len(seen), seen[0]["page_url"], seen[0]["event_data"]) == (50, "/dates", {"what": "map"})


@pytest.mark.parametrize(
    "body",
    [{"events": []}, {"events": [{"type": "click", "url": "/"}] * 51}, {"events": [{"type": "x", "url": "/"}]}, {}],
)
async def test_a_batch_that_makes_no_sense_is_refused(api: Api, body: dict[str, Any]) -> None:
    assert refused_fields(await api.post("/events", json=body)) == {"events"}


async def test_a_full_queue_drops_and_counts_what_it_drops(app: FastAPI, database: Database) -> None:
    queue = EventQueue(database)
    for _ in range(20_005):
        queue.put(Event("page_view", "visit", "/", utc_now()))
    assert queue.dropped == 5
    assert "rft_events_dropped_total" in app.state.metrics.exposition().decode()


async def test_a_database_that_does_not_answer_costs_the_events_and_nothing_else(db: Db) -> None:
    queue = EventQueue(Database("postgresql://127.0.0.1:1/nowhere", size=1))
    queue.put(Event("page_view", "visit", "/", utc_now(), user_agent=PHONE))
    await queue.flush()
    assert (queue.written, queue.dropped) == (0, 1)


async def test_visits_are_rolled_up_by_day_and_outlive_their_events(
    database: Database, settings: Settings, db: Db
) -> None:
    today, queue = london_today(utc_now()), EventQueue(database)
    for visit, age, steps in (("a", 0, ("date", "checkout")), ("b", 0, ()), ("c", 420, ("date",))):
        at = utc_now() - timedelta(days=age)
        queue.put(Event("page_view", visit, "/dates", at, data={"source": "direct"}, user_agent=PHONE))
        for step in steps:
            queue.put(Event("checkout_step", visit, "/dates/1", at, data={"step": step}, user_agent=PHONE))
    await queue.flush()
    for _ in range(2):
        await forget(jobs.Context(database, settings))
    assert {event["session_id"] for event in db.execute("select session_id from analytics_events")} == {"a", "b"}
    counted = {
        (row["facet"], row["value"]): row["visits"]
        for row in db.execute("select * from visit_days where day = %s", (today,))
    }
    assert counted == {
        ("all", ""): 2, ("page", "/dates"): 2, ("source", "direct"): 2, ("device", "mobile"): 2, ("browser", "Mobile Safari"): 2,
        ("step", "visit"): 2, ("step", "date"): 1, ("step", "checkout"): 1,
    }  # fmt: skip
    old = db.execute(
        "select visits from visit_days where facet = 'all' and day < %s and visits > 0", (today,)
    ).fetchall()
    assert [row["visits"] for row in old] == [1]


@pytest.mark.parametrize(
    ("address", "kept"), [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), (UNKNOWN, None)]
)
def test_an_address_is_cut_to_its_network(address: str, kept: str | None) -> None:
    assert shortened(address) == kept


def test_a_referrer_keeps_no_query_no_name_and_no_password() -> None:
    assert without_query("https://amina:secret@site.example/a?q=b#c") == "https://site.example/a"
    assert without_query("javascript:alert(1)") == ""
    assert source_of("http://rft.test/dates", "rft.test", "") is None
    assert source_of("", "rft.test", "utm_source=Newsletter") == "newsletter"
