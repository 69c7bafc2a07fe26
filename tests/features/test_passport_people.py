"""An organisation's own space: its people and their certificates, its sites' cover, and never anybody else's."""

import re
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from tests.builders import Db, Row, a_user
from tests.cast import amina, dev
from tests.features.browser import Browser
from tests.features.employing import a_person, a_site, needs, today, trained_for
from tests.features.mailing import one, rows
from tests.features.owing import an_organisation


@pytest.fixture
def booker(db: Db, password_hash: str) -> Row:
    return amina(db, password_hash=password_hash)


@pytest.fixture
def mills(db: Db, booker: Row) -> Row:
    return an_organisation(db, booker)


@pytest.fixture
def works(db: Db, password_hash: str) -> Row:
    """Another employer, for whom Dev books."""
    return an_organisation(db, dev(db, password_hash=password_hash), name="Southern Works")


@pytest.fixture
async def amina_at(browser: Browser, booker: Row, mills: Row) -> Browser:
    await browser.sign_in(booker["email"])
    return browser


def space(organisation: Row) -> str:
    return f"/organisation/{organisation['reference']}"


async def test_amina_comes_straight_to_her_people(db: Db, amina_at: Browser, mills: Row) -> None:
    assert (await amina_at.get("/organisation")).headers["location"] == space(mills)
    site = a_site(db, mills)
    form = {"first_name": "Ruth", "last_name": "Holt", "email": "ruth@mills.example", "site_id": str(site["id"])}
    assert (await amina_at.send_form(f"{space(mills)}/people", page=space(mills), **form)).status_code == 303
    page = (await amina_at.get(space(mills))).text
    assert "Ruth Holt" in page
    assert "No certificate" in page


async def test_a_certificate_stands_as_it_does_on_the_london_day(db: Db, amina_at: Browser, mills: Row) -> None:
    for number, days in enumerate((90, 91, 0, -1)):
        email = f"person{number}@mills.example"
        a_person(db, mills, f"Ruth Holt{number}", email=email)
        # Known by the address, whatever name they gave themselves.
        trained_for(db, mills, "Ruth Mary Holt", email=email.upper(), days_left=days)
    page = (await amina_at.get(space(mills))).text
    assert re.findall(r">(Expires soon|Valid|Expired)<", page) == ["Expires soon", "Valid", "Expires soon", "Expired"]


async def test_what_people_learnt_for_another_employer_stays_between_them(
    db: Db, amina_at: Browser, mills: Row, works: Row
) -> None:
    a_person(db, mills, "Ruth Holt", email="ruth@example.com")
    trained_for(db, works, "Ruth Holt", email="ruth@example.com")
    assert "No certificate" in (await amina_at.get(space(mills))).text
    assert "RFT-C-" not in (await amina_at.get(f"{space(mills)}/people.csv")).text


async def test_no_door_of_another_organisation_opens(
    db: Db, amina_at: Browser, mills: Row, works: Row, new_browser: Callable[..., Browser]
) -> None:
    theirs = a_person(db, works, "Pete Fox")
    await amina_at.get(space(mills))
    paths = [
        "",
        "/book",
        "/orders",
        "/bookers",
        "/people.csv",
        f"/people/{theirs['id']}",
        "/lists/FAL-X.pdf",
        "/invoices/INV-2026-000001.pdf",
    ]
    for path in paths:
        assert (await amina_at.get(space(works) + path)).status_code == 404, path
        assert (await new_browser().get(space(works) + path)).status_code == 303, path
    for path in ["/people", f"/people/{theirs['id']}/remove", "/cover", "/sites", "/lists", "/book", "/bookers"]:
        assert (await amina_at.send_form(space(works) + path, page=space(mills))).status_code == 404, path
    # Nor through the own door with another's number.
    assert (await amina_at.get(f"{space(mills)}/people/{theirs['id']}")).status_code == 404
    change = {"first_name": "X", "last_name": "Y"}
    own = f"{space(mills)}/people/{theirs['id']}"
    assert (await amina_at.send_form(own, page=space(mills), **change)).status_code == 404
    assert one(db, "select first_name from organisation_people")["first_name"] == "Pete"


def test_the_database_keeps_a_person_at_a_site_of_their_own_organisation(db: Db, mills: Row, works: Row) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        a_person(db, mills, "Ruth Holt", site_id=a_site(db, works)["id"])


async def test_a_member_who_was_removed_and_an_organisation_that_closed_are_shut_out(
    db: Db, amina_at: Browser, mills: Row
) -> None:
    db.execute("update organisations set is_active = false")
    assert (await amina_at.get(space(mills))).status_code == 404
    db.execute("update organisations set is_active = true")
    db.execute("delete from organisation_members")
    assert (await amina_at.get(space(mills))).status_code == 404
    assert (await amina_at.get("/organisation")).status_code == 404


async def test_a_gap_counts_whoever_is_there_and_holds_the_longer_course_too(
    db: Db, amina_at: Browser, mills: Row
) -> None:
    site = a_site(db, mills)
    needs(db, site, 3)
    a_person(db, mills, "Ruth Holt", site_id=site["id"])
    a_person(db, mills, "Pete Fox", site_id=site["id"])
    a_person(db, mills, "Nia Doyle", site_id=site["id"], leaves_on=today(db) - timedelta(days=1))
    trained_for(db, mills, "Ruth Holt", course_type="FAW")
    trained_for(db, mills, "pete fox")
    trained_for(db, mills, "Nia Doyle")
    assert "1 missing" in (await amina_at.get(space(mills))).text


async def test_a_revoked_certificate_covers_nobody(db: Db, amina_at: Browser, mills: Row) -> None:
    a_person(db, mills, "Ruth Holt")
    certificate = trained_for(db, mills, "Ruth Holt")
    assert ">Valid<" in (await amina_at.get(space(mills))).text
    db.execute(
        "insert into certificate_revocations (certificate_id, reason, revoked_by) values (%s, 'identity', %s)",
        (certificate["id"], certificate["issued_by"]),
    )
    assert "No certificate" in (await amina_at.get(space(mills))).text


async def test_the_export_is_safe_to_open(db: Db, amina_at: Browser, mills: Row) -> None:
    a_person(db, mills, "=cmd()| Holt")
    text = (await amina_at.get(f"{space(mills)}/people.csv")).text
    assert ",'=cmd()|," in text


async def test_cover_is_set_and_taken_back(db: Db, amina_at: Browser, mills: Row) -> None:
    site = a_site(db, mills)
    for needed, left in (("2", [2]), ("3", [3]), ("0", [])):
        form = {"site_id": str(site["id"]), "course_type": "FAW", "needed": needed}
        assert (await amina_at.send_form(f"{space(mills)}/cover", page=space(mills), **form)).status_code == 303
        assert [row["needed"] for row in rows(db, "select needed from site_cover")] == left
    answer = await amina_at.send_form(f"{space(mills)}/cover", page=space(mills), site_id="", needed="x")
    assert (answer.status_code, "Enter a whole number." in answer.text) == (422, True)


async def test_only_an_owner_says_who_books(db: Db, amina_at: Browser, mills: Row) -> None:
    page = f"{space(mills)}/bookers"
    form = {"email": "nia@mills.example", "role": "booker"}
    assert (await amina_at.send_form(page, page=space(mills), **form)).status_code == 403
    db.execute("update organisation_members set role = 'owner'")
    assert (await amina_at.send_form(page, page=page, **form)).status_code == 303
    invited = one(db, "select person.password_hash, member.role from organisation_members as member "
                      "join users as person on person.id = member.user_id where person.email = 'nia@mills.example'")  # fmt: skip
    assert (invited["password_hash"], invited["role"]) == ("!", "booker")
    waiting = rows(
        db, "select args from jobs.procrastinate_jobs where task_name = 'notifications.send_booker_invitation'"
    )
    assert [job["args"]["email"] for job in waiting] == ["nia@mills.example"]


async def test_staff_of_ours_cannot_be_made_bookers(db: Db, amina_at: Browser, mills: Row) -> None:
    db.execute("update organisation_members set role = 'owner'")
    a_user(db, email="boss@rft.example", role="admin")
    page = f"{space(mills)}/bookers"
    assert (await amina_at.send_form(page, page=page, email="boss@rft.example", role="owner")).status_code == 422
