"""The office's settings: the company, cancellation policies by version, and the words of mails."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rft.bookings.rules import refund_for
from rft.database.pool import Database
from rft.errors import NotValid
from rft.kit.clock import london_today, utc_now
from rft.notifications.compose import KINDS, RESERVED
from rft.notifications.service import write_to_booker
from rft.notifications.texts import EDITABLE, fill
from rft.operations.settings_policies import read_policy
from tests.builders import Db
from tests.features.browser import Browser
from tests.features.mailing import an_order, one, rows
from tests.rules.refusing import refused

COMPANY = {
    "name": "Calder First Aid",
    "phone": "01422 960123",
    "email": "office@calder.example",
    "address": "1 Mill\nHalifax",
}
TOMORROW = (london_today(utc_now()) + timedelta(days=1)).isoformat()
POLICY = {
    "in_force_from": TOMORROW,
    "days_0": "20",
    "percent_0": "100",
    "less_0": "5",
    "minimum_age": "14",
    "late_after_minutes": "10",
}


async def save_company(office: Browser, page: str, **fields: str) -> tuple[int, str]:
    seen, token = re.search(r'name="seen" value="(\w+)"', page), re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert seen
    assert token
    answer = await office.post(
        "/office/settings/company", data={"csrf_token": token[1], "seen": seen[1], **COMPANY, **fields}
    )
    return answer.status_code, answer.text


async def test_what_carol_saves_stands_on_every_page_and_in_the_log(office: Browser, db: Db) -> None:
    page = (await office.get("/office/settings/company")).text
    assert (await save_company(office, page, vat_rate="20", vat_number="GB123456789"))[0] == 303
    assert "Calder First Aid" in (await office.get("/")).text
    assert "20.00%, number GB123456789" in (await office.get("/office/settings")).text
    kept = one(db, "select old_values, new_values from admin_activity_logs")
    assert (kept["old_values"]["name"], kept["new_values"]["name"]) == ("React Fast Training", "Calder First Aid")


async def test_the_bank_account_is_kept_as_banks_write_it_and_whole(office: Browser, db: Db) -> None:
    page = (await office.get("/office/settings/company")).text
    account = {
        "bank_account_name": "Calder First Aid Ltd",
        "bank_sort_code": "123456",
        "bank_account_number": "1234 5678",
    }
    assert (await save_company(office, page, **account))[0] == 303
    assert "Calder First Aid Ltd, 12-34-56, 12345678" in (await office.get("/office/settings")).text
    page = (await office.get("/office/settings/company")).text
    status, shown = await save_company(office, page, **{**account, "bank_sort_code": ""})
    assert (status, "Enter a sort code, such as 12-34-56." in shown) == (422, True)
    with refused("company_profile_bank_account_whole"):
        db.execute("update company_profile set bank_sort_code = null")


async def test_of_two_admins_who_save_the_second_is_shown_what_the_first_saved(office: Browser) -> None:
    page = (await office.get("/office/settings/company")).text
    await save_company(office, page, name="First")
    status, shown = await save_company(office, page, name="Second")
    assert (status, "First" in shown, 'value="Second"' in shown) == (409, True, True)
    assert (await save_company(office, shown, name="Second"))[0] == 303


@pytest.mark.parametrize(
    "fields", [{"vat_rate": "20"}, {"vat_number": "GB1"}, {"vat_rate": "NaN", "vat_number": "GB1"}, {"email": "nobody"}]
)
async def test_half_a_vat_registration_is_refused(office: Browser, fields: dict[str, str]) -> None:
    page = (await office.get("/office/settings/company")).text
    assert (await save_company(office, page, **fields))[0] == 422


async def test_a_new_policy_is_seen_first_begins_later_and_leaves_the_old_one(office: Browser, db: Db) -> None:
    page = "/office/settings/policies/new"
    seen = await office.send_form(page, page=page, **POLICY, action="preview")
    assert ("20 days or more before the first day" in seen.text, "£95.00" in seen.text) == (True, True)
    assert len(rows(db, "select from cancellation_policies")) == 1
    assert (await office.send_form(page, page=page, **POLICY, action="add")).status_code == 303
    tiers = one(db, "select tiers from cancellation_policies where version = '2'")["tiers"]
    assert tiers == [{"at_least_days": 20, "percent": "100", "less": "5.00"}]
    assert (await office.send_form(page, page=page, **POLICY, action="add")).status_code == 422, (
        "a day begins one policy"
    )
    withdrawn = await office.send_form("/office/settings/policies/withdraw", page="/office/settings", version="2")
    assert withdrawn.status_code == 303
    kept = await office.send_form("/office/settings/policies/withdraw", page="/office/settings", version="1")
    assert (kept.status_code, len(rows(db, "select from cancellation_policies"))) == (409, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"in_force_from": "2020-01-01"},
        {"days_1": "20", "percent_1": "50"},
        {"percent_0": "101"},
        {"less_0": "-1"},
        {"minimum_age": ""},
    ],
)
def test_a_policy_that_makes_no_sense_is_not_even_shown(fields: dict[str, str]) -> None:
    with pytest.raises(NotValid) as refused:
        read_policy({**POLICY, **fields}, london_today(utc_now()))
    assert list(refused.value.errors) == list(fields)[:1]


@settings(max_examples=30, deadline=None)
@given(some.lists(some.integers(0, 365), min_size=1, max_size=4, unique=True), some.integers(0, 400))
def test_a_policy_that_is_taken_never_returns_more_than_was_paid(days: list[int], ahead: int) -> None:
    typed = {**POLICY, "days_0": "", "percent_0": "", "less_0": ""}
    for row, day in enumerate(sorted(days, reverse=True)):
        typed |= {f"days_{row}": str(day), f"percent_{row}": "100", f"less_{row}": "1.50"}
    policy, _ = read_policy(typed, london_today(utc_now()))
    first = date(2028, 6, 1)
    assert (
        0 <= refund_for(Decimal("60.00"), policy, first_day=first, on=first - timedelta(days=ahead)) <= Decimal("58.50")
    )


async def save_text(office: Browser, kind: str = "order_reserved", **fields: str) -> int:
    page = f"/office/mail-texts/{kind}"
    return (await office.send_form(page, page=page, **{"version": "0", **fields})).status_code


async def test_words_of_the_office_stand_in_the_next_mail_and_mean_nothing_but_their_braces(
    office: Browser, database: Database, db: Db
) -> None:
    said = {"subject": "See you on {date}, {name}", "introduction": "Bring {{ order }} a <b>pen</b>, {name}."}
    assert await save_text(office, **said) == 422
    said["introduction"] = "Bring a <b>pen</b>, {name}. {% if %}"
    assert await save_text(office, **said) == 422
    said["introduction"] = "Bring a <b>pen</b>, {name}."
    assert await save_text(office, **said) == 303
    order = an_order(db, confirmed=False, booker_name="{company} Khan")
    async with database.transaction() as connection:
        await write_to_booker(connection, RESERVED, order["id"], base_url="https://booking.example")
    mail = one(db, "select subject, text_body, html_body from outbox_mails")
    assert mail["subject"].endswith(", {company} Khan")
    assert "Bring a <b>pen</b>, {company} Khan." in mail["text_body"]
    assert "Bring a &lt;b&gt;pen&lt;/b&gt;" in mail["html_body"]


async def test_the_second_who_saves_a_text_over_the_same_version_is_told(office: Browser, db: Db) -> None:
    assert [await save_text(office, introduction="One."), await save_text(office, introduction="Two.")] == [303, 422]
    assert [row["introduction"] for row in rows(db, "select introduction from mail_texts")] == ["One."]


async def test_every_mail_is_shown_and_a_test_goes_to_carol_alone(office: Browser, db: Db) -> None:
    assert set(KINDS) <= set(EDITABLE)
    for kind in EDITABLE:
        assert (await office.get(f"/office/mail-texts/{kind}")).status_code == 200
        assert "<html" in (await office.get(f"/office/mail-texts/{kind}/html")).text
    await office.send_form("/office/mail-texts/certificate_issued/test", page="/office/mail-texts/certificate_issued")
    mail = one(db, "select recipient, subject, booking_ids from outbox_mails")
    assert (mail["recipient"], mail["subject"][:6], mail["booking_ids"]) == ("carol@example.com", "Test: ", [])
    assert (await office.get("/office/mail-texts/nothing")).status_code == 404


@settings(max_examples=30, deadline=None)
@given(some.text(), some.text())
def test_what_is_put_in_is_never_looked_at_again(text: str, name: str) -> None:
    assert fill("{name}", {"name": name, "company": "us"}) == name
    assert fill(text.replace("{", "").replace("}", ""), {"name": name}) == text.replace("{", "").replace("}", "")
