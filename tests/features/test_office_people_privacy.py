"""One person's data: duplicates merged, everything handed over, everything taken away, and what the law keeps kept."""

import json

import psycopg
import pytest

from rft.database.pool import Database
from rft.privacy.service import replay_erasures
from tests.builders import Db, Row, a_course, a_schedule, completed_booking, confirmed_booking, insert, reload, update
from tests.cast import amina, ben, dev
from tests.features.api import Api, an_order, everything
from tests.features.browser import Browser
from tests.features.mailing import one, rows

CANARIES = ("amina", "khan", "07700 900123", "peanuts")


def page_of(person: Row) -> str:
    return f"/office/people/{person['id']}"


def told_of_amina(db: Db) -> Row:
    """Amina with a place she sat in, one she booked for Dev, mails, visits, a sign-in and the office's notes of her."""
    person = amina(db, phone="07700 900123")
    attended = completed_booking(db, a_schedule(db), user=person, notes="Peanuts")
    insert_attendee(db, attended, "Amina", "Khan", "amina@example.com")
    insert_attendee(db, confirmed_past(db, person), "Dev", "Shah", "dev@example.com")
    organisation = insert(db, "organisations", reference="ORG-2", name="Acme Ltd")
    insert(
        db,
        "organisation_people",
        organisation_id=organisation["id"],
        first_name="Amina",
        last_name="Khan",
        email="amina@example.com",
    )
    insert(db, "attendee_links", booking_id=attended["id"], recipient="amina@example.com", token_hash=b"link")
    db.execute("insert into access_needs (booking_id, needs) values (%s, 'Peanuts')", (attended["id"],))
    insert(db, "email_logs", recipient_email="amina@example.com", email_type="reminder", subject="Dear Amina")
    insert(
        db, "outbox_mails", dedupe_key="reminder amina@example.com", email_type="reminder", recipient="amina@example.com",
        subject="Dear Amina", text_body="Khan", html_body="Khan",
    )  # fmt: skip
    insert(db, "analytics_events", event_type="visit", user_id=person["id"], user_agent="Amina's")
    insert(db, "waiting_entries", reference="WL-1", course_id=a_course(db)["id"], first_name="Amina", last_name="Khan",
           email="Amina@Example.com", phone="07700 900123", places=1)  # fmt: skip
    insert(db, "user_sessions", token_hash=b"secret", user_id=person["id"], expires_at="2040-01-01")
    for entity, entity_id in (("user", person["id"]), ("booking", attended["id"]), ("course", 1)):
        insert(
            db, "admin_activity_logs", admin_id=person["id"], action="x.y", entity_type=entity, entity_id=entity_id,
            new_values=json.dumps({"email": "amina@example.com", "capacity": 3, "who": ["amina@example.com"]}),
        )  # fmt: skip
    return person


def confirmed_past(db: Db, person: Row) -> Row:
    return completed_booking(db, a_schedule(db), user=person)


def insert_attendee(db: Db, booking: Row, first: str, last: str, email: str) -> None:
    db.execute(
        "insert into attendees (booking_id, first_name, last_name, email) values (%s, %s, %s, %s)",
        (booking["id"], first, last, email),
    )


def mentions(db: Db) -> set[tuple[str, str]]:
    """Table and word, wherever one of Amina's words stands."""
    return {
        (table, word)
        for table in everything(db)
        for (row,) in [
            tuple(row.values()) for row in db.execute(f"select to_jsonb(kept)::text from {table} as kept").fetchall()
        ]
        for word in CANARIES
        if word in row.lower()
    }


async def test_a_person_is_erased_from_every_table_and_the_books_stay(db: Db, office: Browser, api: Api) -> None:
    person = told_of_amina(db)
    money = rows(db, "select * from payment_transactions order by id")
    assert {table for table, _ in mentions(db)} >= {
        "public.users",
        "public.attendees",
        "public.outbox_mails",
        "public.email_logs",
    }
    path = f"{page_of(person)}/erase"
    done = await office.send_form(path, page=path, reason="Asked by letter, 1 March", email="amina@example.com")
    assert done.status_code == 303, done.text
    assert mentions(db) == set()
    assert rows(db, "select * from payment_transactions order by id") == money
    assert one(db, "select first_name from attendees where email = 'dev@example.com'") == {"first_name": "Dev"}
    assert one(db, "select new_values from admin_activity_logs where entity_type = 'course'") == {
        "new_values": {"who": ["erased"], "capacity": 3}
    }
    assert "Erased" in (await office.get(page_of(person))).text
    again = await api.order(a_schedule(db))
    assert again.status_code == 201
    assert one(db, "select id from users where email = 'amina@example.com'")["id"] != person["id"]


async def test_an_erasure_that_must_wait_says_why_and_is_on_record(db: Db, office: Browser) -> None:
    person = amina(db)
    confirmed_booking(db, a_schedule(db), user=person)
    path = f"{page_of(person)}/erase"
    refused = await office.send_form(path, page=path, reason="Asked by letter", email="amina@example.com")
    assert refused.status_code == 409
    assert "still to come or still to be paid" in refused.text
    kept = one(db, "select action, new_values from admin_activity_logs")
    assert (kept["action"], "still to come" in kept["new_values"]["reason"]) == ("user.keep", True)
    mistyped = await office.send_form(path, page=path, reason="Asked", email="dev@example.com")
    assert mistyped.status_code == 422
    assert reload(db, "users", person)["email"] == "amina@example.com"


def test_staff_are_not_erased_and_an_erasure_is_for_good(db: Db) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        insert(db, "erasures", user_id=ben(db)["id"], reason="asked")
    person = dev(db)
    db.execute("insert into erasures (user_id, reason) values (%s, 'asked')", (person["id"],))
    for statement in (
        "delete from erasures",
        "update erasures set reason = 'other'",
        "update users set is_active = true where email like 'erased-%'",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            db.execute(statement.encode())


def test_the_activity_log_is_still_append_only_for_everybody_else(db: Db) -> None:
    person = told_of_amina(db)
    for statement in (
        "update admin_activity_logs set new_values = null",
        "update admin_activity_logs set admin_id = 1",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            db.execute(statement.encode())
    assert reload(db, "users", person)["first_name"] == "Amina"


async def test_erasures_are_done_again_after_a_restore(db: Db, database: Database) -> None:
    person = told_of_amina(db)
    async with database.transaction() as connection:
        assert await replay_erasures(connection, [(person["id"], "asked"), (999_999, "gone")]) == [person["id"]]
    async with database.transaction() as connection:
        assert await replay_erasures(connection, [(person["id"], "asked")]) == []
    assert mentions(db) == set()


async def test_everything_about_a_person_and_nothing_about_another(db: Db, office: Browser) -> None:
    person = told_of_amina(db)
    answer = await office.send_form(f"{page_of(person)}/export.json", page=page_of(person))
    assert answer.status_code == 200
    told = answer.json()["records"]
    assert {"users", "bookings", "payment_transactions", "attendees", "email_logs", "outbox_mails"} <= set(told)
    assert {"user_sessions", "analytics_events", "waiting_entries"} <= set(told)
    assert len(told["bookings"]) == 2
    assert [row["first_name"] for row in told["attendees"]] == ["Amina"]
    assert "dev" not in answer.text.lower().replace("device", "")
    for secret in ("password_hash", "token_hash", "secret"):
        assert secret not in answer.text
    assert rows(db, "select action from admin_activity_logs where action = 'user.export'") != []


async def test_a_duplicate_becomes_another_name_of_the_account_that_is_kept(db: Db, office: Browser, api: Api) -> None:
    kept, double = amina(db), dev(db, first_name="Amina", last_name="Khan")
    earlier = confirmed_booking(db, a_schedule(db), user=double)
    organisation = insert(db, "organisations", reference="ORG-1", name="Acme Ltd")
    db.execute(
        "insert into organisation_members (organisation_id, user_id) values (%s, %s)",
        (organisation["id"], double["id"]),
    )
    path = f"{page_of(kept)}/merge"
    assert "dev@example.com" in (await office.get(path)).text
    preview = (await office.get(path, params={"email": "dev@example.com"})).text
    assert "Acme Ltd" in preview
    assert (await office.send_form(path, page=path, email="dev@example.com")).status_code == 303
    assert reload(db, "bookings", earlier)["user_id"] == double["id"]
    assert earlier["booking_reference"] in (await office.get(page_of(kept))).text
    assert one(db, "select user_id from organisation_members") == {"user_id": kept["id"]}
    schedule = a_schedule(db)
    placed = await api.post(
        "/orders", json=an_order(schedule, booker={"email": "Dev@example.com", "first_name": "A", "last_name": "K"})
    )
    assert placed.status_code == 201, placed.text
    assert one(db, "select user_id from orders") == {"user_id": kept["id"]}
    with pytest.raises(psycopg.errors.CheckViolation):
        update(db, "users", double, is_active=True)


async def test_staff_and_merged_accounts_are_not_merged(db: Db, office: Browser) -> None:
    kept = amina(db)
    path = f"{page_of(kept)}/merge"
    for email in (ben(db)["email"], kept["email"], "nobody@example.com"):
        refused = await office.send_form(path, page=path, email=email)
        assert refused.status_code in (409, 422), email
    assert rows(db, "select * from merged_users") == []
