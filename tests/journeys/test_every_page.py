"""Every page there is, opened by whoever it is for: found, named, headed, clean for axe in light and dark, no wider than a small phone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rft.app import PAGES
from rft.database.commands import DEMO_PASSWORD
from rft.kit.references import hash_token, new_token
from rft.planning.requests import answer_token
from rft.requalification.links import renewal_address
from rft.settings import Settings
from tests.builders import Db, insert
from tests.features.employing import a_person
from tests.features.mailing import one
from tests.journeys.visiting import Visitor

Come = Callable[..., Visitor]

# Documents, addresses that only lead on, and passkeys, which no browser allows at an address without a name.
NO_PAGE = re.compile(
    r"\.\w+$|\.\{kind\}$|/(pdf|html|file|link|earlier-certificate)$"
    r"|^/(sign-in/second|new-password/set|account/second-factor/passkey|organisation|office/prices|orders/\{reference\}/(paid|pay))$"
)
# Pages in the middle of something: the journeys that look at them.
ELSEWHERE = {
    "/account/second-factor/authenticator": "test_her_second_factor",
    "/book/{schedule_id}/who": "test_amina_books_two_places_and_the_office_sees_them_paid",
    "/orders/{reference}/places/{place}/move": "test_amina_cancels_and_gets_what_she_was_shown",
    "/attending": "test_an_attendee_completes_their_details",
    "/first-aiders/{number}": "test_from_a_place_to_a_certificate",
}
# What stands in an address, by the beginning of the address and the name of the part, as found in the demonstration.
PLACES = {
    " course_id": "select min(id) from courses",
    " venue_id": "select min(id) from venues",
    " organisation_id": "select min(id) from organisations",
    " code_id": "select min(id) from discount_codes",
    " series_id": "select min(id) from schedule_series",
    " refund_id": "select min(id) from refunds",
    " difference_id": "select min(id) from reconciliation_differences",
    " mail_id": "select min(id) from outbox_mails",
    " person_id": "select min(id) from organisation_people",
    " email_type": "select min(email_type) from outbox_mails",
    " name": "select 'revenue'",
    " month": "select to_char(min(expires_on), 'YYYY-MM') from certificates",
    " number": "select min(number) from certificates",
    " place": "select 1",
    # A date of several days has a register a day, each with a key of its own.
    " key": """select 'date-' || max(id) from course_schedules where instructor_id = {ben} and end_datetime < utc_clock()
                  and id not in (select course_schedule_id from schedule_sessions)""",
    " schedule_id": "select course_schedule_id from orders where reference = '{paid}'",
    "/waiting/join schedule_id": "select min(id) from course_schedules where status = 'full' and start_datetime > utc_clock()",
    "/instructor schedule_id": "select max(id) from course_schedules where instructor_id = {ben} and end_datetime < utc_clock()",
    "/office/invoices number": "select min(number) from invoices",
    "/office/people user_id": "select {amina}",
    "/office/instructors user_id": "select {ben}",
    "/office/bookings reference": """select booking_reference from bookings as booking join order_bookings on booking_id = booking.id
                                     where status = 'confirmed' limit 1""",
    "/office/orders reference": "select '{paid}'",
    "/orders reference": "select '{paid}'",
    "/orders/{{reference}}/attendees reference": "select '{unpaid}'",
    "/orders/{{reference}}/review reference": "select '{unpaid}'",
    "/organisation reference": "select min(reference) from organisations",
    "/waiting reference": "select min(reference) from waiting_entries",
}
# Which of the demonstration's people opens what; a stranger all the rest.
OPENED_BY = {
    "/office": "carol@demo.example",
    "/instructor": "ben@demo.example",
    "/feedback/mine": "ben@demo.example",
    "/teaching-requests": "ben@demo.example",
    "/account": "amina@demo.example",
    "/orders/": "amina@demo.example",
    "/organisation": "amina@demo.example",
}


def pages() -> list[str]:
    """The routes of all pages."""
    found = {route.path for router in PAGES for route in router.routes if "GET" in route.methods}  # type: ignore[attr-defined]
    return sorted(path for path in found if not NO_PAGE.search(path))


def opened_by(path: str) -> str:
    return next((email for beginning, email in OPENED_BY.items() if path.startswith(beginning)), "")


def what_is_not_sown(db: Db, token: str, known: dict[str, str]) -> None:
    """The rest of what there are pages of, and two orders of Amina's. The mailed link has this token."""
    db.execute("update orders set user_id = %(amina)s where reference in (%(paid)s, %(unpaid)s)", known)
    paid = one(
        db,
        """
        select booking_id, schedule.id as schedule_id, course_id
          from orders
          join order_bookings on order_id = orders.id
          join course_schedules as schedule on schedule.id = course_schedule_id
         where reference = %(paid)s limit 1
        """,
        paid=known["paid"],
    )
    insert(db, "feedback_invitations", booking_id=paid["booking_id"], token_hash=hash_token(token))
    insert(
        db,
        "teaching_requests",
        course_schedule_id=paid["schedule_id"],
        instructor_id=known["ben"],
        answer_by="2031-01-01",
    )
    entry = insert(db, "waiting_entries", reference=f"WAIT-{token}", course_id=paid["course_id"], first_name="Dev", last_name="Shah",
                   email="dev@example.com", places=1)  # fmt: skip
    insert(db, "waiting_dates", entry_id=entry["id"], course_schedule_id=paid["schedule_id"])
    insert(db, "reconciliation_differences", object="charge", stripe_id="ch_lost", at_stripe="60.00", first_seen_at="2026-01-01",
           last_seen_at="2026-01-02")  # fmt: skip
    a_person(db, one(db, "select min(id) as id from organisations"), "Megan Lister")


@pytest.fixture(scope="package")
def address(demo_db: Db, demo: str, folder: Path) -> Callable[[str], str]:
    """A route's example in the demonstration."""
    order = """
        select min(reference) as it
          from orders join order_bookings on order_id = orders.id join bookings as booking on booking.id = booking_id
         where payment_method = 'card' and status ="""
    known = {
        name: str(one(demo_db, "select id from users where email = %(email)s", email=f"{name}@demo.example")["id"])
        for name in ("amina", "ben")
    }
    known["paid"] = one(demo_db, f"{order} 'confirmed'")["it"]
    known["unpaid"] = one(demo_db, f"{order} 'pending'")["it"]
    token = new_token()
    what_is_not_sown(demo_db, token, known)
    secret = (folder / "demo-secrets").read_text().split()[0]
    settings = Settings.from_environment({"RFT_SECRET_KEY": secret, "RFT_BASE_URL": demo, "RFT_DATA_DIR": str(folder)})

    def fill(route: str) -> str:
        def example(part: re.Match[str]) -> str:
            fitting = [
                key for key in PLACES if key.endswith(f" {part[1]}") and route.startswith(key.split(" ")[0].format())
            ]
            (found,) = one(demo_db, PLACES[max(fitting, key=len)].format(**known)).values()
            return str(found)

        if route.startswith("/renew/"):
            return renewal_address(
                settings, one(demo_db, "select min(number) as it from certificates")["it"], route.partition("}")[2]
            )
        if route.startswith("/teaching-requests/"):
            asked = one(demo_db, "select min(id) as it from teaching_requests")["it"]
            return f"/teaching-requests/{asked}?token={answer_token(settings, asked)}"
        return re.sub(r"\{(.+?)\}", example, route.replace("/feedback/{token}", f"/feedback/{token}"))

    return fill


def status_of(person: Visitor, path: str) -> int:
    answer = person.page.goto(path)
    assert answer, "it is a page, not a part of the one before"
    return answer.status


def test_each_page_is_opened_by_somebody() -> None:
    assert set(ELSEWHERE) < set(pages())
    journeys = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [name for name in ELSEWHERE.values() if f"def {name}" not in journeys] == []


@pytest.mark.parametrize("email", ["", *dict.fromkeys(OPENED_BY.values())])
def test_every_page_is_found_and_reads_well(visitor: Come, address: Callable[[str], str], email: str) -> None:
    person = visitor()
    if email:
        person.sign_in(email)
    for route in pages():
        if opened_by(route) == email and route not in ELSEWHERE:
            where = address(route)
            assert status_of(person, where) == 200, f"{route}, at {where}"
            stays = person.page.url.partition("?")[0].endswith(where.partition("?")[0])
            assert stays, f"{route} leads on from {where} to {person.page.url}"
            assert person.page.locator("h1").count() == 1, f"{route} has one first heading"
            assert person.page.title().endswith("React Fast Training"), f"{route} has a title"
            person.look()


def test_her_second_factor(visitor: Come) -> None:
    amina = visitor()
    amina.sign_in("amina@demo.example")
    amina.go("/account/second-factor")
    amina.write("Your password", DEMO_PASSWORD)
    amina.press("Set up the app")
    amina.look()


def test_a_page_that_is_not_there_says_so_and_leads_on(visitor: Come) -> None:
    amina = visitor()
    amina.sign_in("amina@demo.example")
    amina.expected = {403, 404}
    for path, status in (("/nowhere", 404), ("/office", 403), ("/office/nowhere", 403), ("/orders/ORD-NOBODYS", 404)):
        assert status_of(amina, path) == status, path
        assert amina.page.get_by_role("heading", level=1).count() == 1
        assert amina.page.locator("main a").count() > 0, path
        amina.look()
