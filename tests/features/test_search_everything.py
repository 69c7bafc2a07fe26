"""Search over everything: by whatever somebody says of a thing, quickly, the best first, and from the keyboard."""

import re
from pathlib import Path

import pytest

import rft
from rft.database.pool import Connection, Database
from rft.kit.pages import Page, Window
from rft.search.pages import SHORTCUTS, WORDS
from rft.search.queries import Found, find_kind, find_near, kinds
from rft.search.rules import read_wanted
from rft.search.service import search_everything, search_kind
from tests.builders import Db, Row, a_user, a_venue, an_invoice, an_invoice_line, insert
from tests.cast import amina, dev
from tests.features.browser import Browser
from tests.features.mailing import an_order

# The indexes that the statements are written for; venues are few and have none.
INDEXED = {
    "people": "users_search",
    "organisations": "organisations_search",
    "attendees": "attendees_search",
    "orders": "orders_search",
    "certificates": "certificates_search",
    "invoices": "invoices_search",
}


async def found(database: Database, text: str) -> dict[str, list[str]]:
    """The titles of what is found, by kind."""
    async with database.connection() as db:
        answer = await search_everything(db, read_wanted(text))
    return {group.kind: [row.title for row in group.page.rows] for group in answer.groups}


@pytest.fixture
def order(db: Db) -> Row:
    order = an_order(db, people=("Zoë Brontë",))
    db.execute(
        "update orders set purchase_order = 'PO-4471', organisation_name = 'Northern Mills', booker_phone = '01632 960 123'"
    )
    return order


@pytest.mark.parametrize(
    "typed", ["northern mills", "MILLS north", "po-4471", "amina@example", "01632 960123", "+44 1632 960123", "960123"]
)
async def test_an_order_is_found_by_whatever_somebody_says_of_it(typed: str, order: Row, database: Database) -> None:
    assert (await found(database, typed))["orders"] == [order["booker_name"]]


@pytest.mark.parametrize("typed", ["zoe bronte", "Brontë Zoë", "BRONT"])
async def test_names_are_found_with_and_without_their_accents(typed: str, order: Row, database: Database) -> None:
    assert (await found(database, typed))["attendees"] == ["Zoë Brontë"]


async def test_people_employers_invoices_and_venues_are_found_together(db: Db, order: Row, database: Database) -> None:
    a_user(db, email="post@mills.example", first_name="Millie", last_name="Mills", phone="07700 900456")
    a_venue(db, name="Mills Hall", postcode="GU1 4RD")
    insert(
        db, "organisations", reference="ORG-1", name="Northern Mills", billing_address=["Mill Lane", "Otley LS21 3AB"]
    )
    with db.transaction():
        invoice = an_invoice(db, order, total=75, organisation_name="Northern Mills")
        an_invoice_line(db, invoice, order["bookings"][0], total=75)
    assert (await found(database, "mills")).keys() == {"people", "organisations", "orders", "invoices", "venues"}
    assert await found(database, "gu14rd") == {"venues": ["Mills Hall"]}
    assert await found(database, "ls21 3ab") == {"organisations": ["Northern Mills"]}
    assert await found(database, "07700 900 456") == {"people": ["Millie Mills"]}


async def test_the_best_comes_first(db: Db, database: Database) -> None:
    for email, first, last in (
        ("c@example.com", "Joanna", "Smith"),
        ("b@example.com", "Dan", "Anna"),
        ("anna@example.com", "Anna", "Jones"),
        ("a@example.com", "Anna", "Bell"),
    ):
        a_user(db, email=email, first_name=first, last_name=last)
    assert (await found(database, "anna"))["people"] == ["Anna Bell", "Anna Jones", "Dan Anna", "Joanna Smith"]
    assert (await found(database, "anna@example.com"))["people"] == ["Anna Jones"]


async def test_a_name_as_it_is_heard_is_found_where_nothing_is_written_so(db: Db, database: Database) -> None:
    a_user(db, first_name="Peter", last_name="Johnson")
    assert await found(database, "peter jonson") == {"people": ["Peter Johnson"]}


@pytest.mark.parametrize(
    ("heard", "written"), [("jonson", "Anna Johnson"), ("annna smyth", "Anna Smith"), ("mohamed", "Mohammed Khan")]
)
async def test_a_name_as_it_is_heard_is_found_among_longer_ones(
    heard: str, written: str, db: Db, database: Database
) -> None:
    first, _, last = written.partition(" ")
    a_user(db, email="somebody.else@example.com", first_name=first, last_name=last)
    assert (await found(database, heard))["people"] == [written]


@pytest.mark.parametrize("typed", ["%%%", "___", "\\\\\\", "'; drop table users", "a\0bc", "(((", "é" * 150])
async def test_what_means_something_to_the_database_means_nothing_here(typed: str, db: Db, database: Database) -> None:
    amina(db)
    assert await found(database, typed) == {}


async def test_a_list_of_one_kind_goes_on_page_by_page_and_back(db: Db, database: Database) -> None:
    for number in range(7):
        a_user(db, first_name="Anna", last_name=f"Number{number}")
    async with database.connection() as connection:
        first = await _page(connection, Window(size=4))
        rest = await _page(connection, Window(_key(first.behind), size=4))
        back = await _page(connection, Window(_key(rest.ahead), backwards=True, size=4))
    assert [row.title[-1] for row in first.rows + rest.rows] == list("6543210")
    assert rest.behind is None
    assert back.rows == first.rows


async def _page(connection: Connection, window: Window) -> Page[Found]:
    return (await search_kind(connection, "people", read_wanted("anna"), window)).groups[0].page


def _key(cursor: str | None) -> tuple[int, int]:
    rank, number = (cursor or "").split(".")
    return int(rank), -int(number)


@pytest.mark.parametrize(("kind", "index"), INDEXED.items())
async def test_each_statement_uses_its_index(kind: str, index: str, db: Db, database: Database) -> None:
    """The index and the statement repeat one expression."""
    for find in (find_kind, find_near):
        before = _uses(db, index)
        async with database.transaction() as connection:
            await connection.execute("set local enable_seqscan = off")
            await find(connection, kind, read_wanted("northern"), Window())
            await connection.execute("select pg_stat_force_next_flush()")
        assert _uses(db, index) == before + 1


def _uses(db: Db, index: str) -> int:
    row = db.execute("select idx_scan from pg_stat_user_indexes where indexrelname = %s", (index,)).fetchone()
    assert row is not None
    return int(row["idx_scan"])


async def test_what_names_one_thing_leads_straight_to_it(db: Db, order: Row, office: Browser) -> None:
    booking = order["bookings"][0]["booking_reference"]
    for typed, place in (
        (order["reference"].lower(), f"/office/orders/{order['reference']}"),
        (booking.lower(), f"/office/bookings/{booking}"),
        ("po-4471", f"/office/orders/{order['reference']}"),
    ):
        assert (await office.get("/office/search", params={"q": typed})).headers["location"] == place


async def test_carol_finds_and_is_told_what_to_write(db: Db, office: Browser) -> None:
    dev(db)
    page = (await office.get("/office/search?q=dev+shah")).text
    assert "Dev Shah" in page
    assert "/office/people/" in page
    assert "at least 3 letters" in (await office.get("/office/search?q=de")).text
    assert "Nothing is called so" in (await office.get("/office/search?q=qqqqxx")).text
    assert "<script>" not in (await office.get("/office/search", params={"q": "<script>x"})).text
    assert (await office.get("/office/search?q=dev&kind=people&before=1.5")).status_code == 200
    assert (await office.get("/office/search?q=dev&kind=people&before=x")).status_code == 422


def test_every_kind_has_words() -> None:
    assert set(kinds()) == set(WORDS)


def test_the_page_of_shortcuts_says_what_the_script_does() -> None:
    script = (Path(rft.__file__).parent / "static/js/shortcuts.js").read_text("utf-8")
    listens = set(re.findall(r"^  (\w): \"/office", script, re.MULTILINE))
    assert listens == {keys[1] for keys, _ in SHORTCUTS if keys[0] == "g"}
    assert '"/office/shortcuts"' in script
