"""The steps before the payment: places and their price, who books, who comes; and all that may go wrong meanwhile."""

import asyncio

from tests.builders import Db, Row, a_course, a_discount_code, a_schedule, a_venue, update
from tests.cast import amina as amina_of
from tests.features.checkout.shopping import AMINA, Shopper, one, seats_taken, statuses, words


async def price_of(shopper: Shopper, schedule: Row, places: str, code: str = "") -> str:
    """What the first step says after "Update the price"."""
    path = f"/book/{schedule['id']}"
    shown = (await shopper.get(path)).text
    return words((await shopper.submit(shown, path, places=places, code=code, action="price")).text)


async def test_the_price_is_worked_out_for_the_places_chosen(amina: Shopper, schedule: Row) -> None:
    assert "3 places at £75.00 £225.00" in await price_of(amina, schedule, "3")
    assert "10% off for 5 places or more −£37.50" in await price_of(amina, schedule, "5")


async def test_the_better_of_code_and_offer_counts(amina: Shopper, schedule: Row, db: Db) -> None:
    a_discount_code(db, code="SPRING20", discount_value=20)
    page = await price_of(amina, schedule, "5", "spring20")
    assert "Code SPRING20 −£75.00" in page
    assert "Total £300.00" in page


async def test_a_wrong_code_is_said_beside_its_field_and_the_price_is_that_without_it(
    amina: Shopper, schedule: Row
) -> None:
    path = f"/book/{schedule['id']}"
    answer = await amina.submit((await amina.get(path)).text, path, places="2", code="NOPE")
    assert answer.status_code == 422
    assert 'href="#field-code"' in answer.text
    assert 'value="NOPE"' in answer.text
    assert "Total £150.00" in words(answer.text)


async def test_impossible_numbers_of_places_are_asked_again(amina: Shopper, schedule: Row) -> None:
    path = f"/book/{schedule['id']}"
    shown = (await amina.get(path)).text
    for places in ("0", "-1", "13", "1000000000", "two", "1.5", "", "٣"):
        answer = await amina.submit(shown, path, places=places)
        assert answer.status_code == 422, places
        assert "Choose 1 to 12 places." in words(answer.text)


async def test_more_places_than_are_left_offers_what_is_left(amina: Shopper, schedule: Row) -> None:
    path = f"/book/{schedule['id']}"
    answer = await amina.submit((await amina.get(path)).text, path, places="9")
    assert "Only 6 places are left on this date." in words(answer.text)
    assert 'value="6" checked' in answer.text


async def test_what_is_missing_is_asked_for_and_nothing_typed_is_lost(amina: Shopper, schedule: Row, db: Db) -> None:
    form = await amina.who_form(schedule)
    answer = await amina.submit(
        form, f"/book/{schedule['id']}/who", first_name="Amina", last_name=" ", email="amina.example.com", phone="0113"
    )
    page = words(answer.text)
    assert answer.status_code == 422
    assert page.index("Enter your last name.") < page.index("Enter an e-mail address in the form")
    assert 'value="amina.example.com"' in answer.text
    assert 'value="0113"' in answer.text
    assert seats_taken(db, schedule) == 0


async def test_a_double_click_places_one_order(amina: Shopper, schedule: Row, db: Db) -> None:
    form = await amina.who_form(schedule, places=2)
    path = f"/book/{schedule['id']}/who"
    answers = await asyncio.gather(*(amina.submit(form, path, **AMINA) for _ in range(3)))
    assert len({answer.url.path for answer in answers}) == 1
    assert seats_taken(db, schedule) == 2


async def test_back_and_once_more_leads_to_the_same_order(amina: Shopper, schedule: Row, db: Db) -> None:
    form = await amina.who_form(schedule)
    first = await amina.submit(form, f"/book/{schedule['id']}/who", **AMINA)
    again = await amina.submit(form, f"/book/{schedule['id']}/who", **AMINA)
    assert again.url == first.url
    assert seats_taken(db, schedule) == 1


async def test_back_and_other_details_is_asked_before_a_second_order(amina: Shopper, schedule: Row, db: Db) -> None:
    path = f"/book/{schedule['id']}/who"
    form = await amina.who_form(schedule)
    await amina.submit(form, path, **AMINA)
    answer = await amina.submit(form, path, **{**AMINA, "last_name": "Kahn"})
    assert "This form has already placed a booking." in words(answer.text)
    assert "You are already holding 1 place on this date" in words(answer.text)
    assert seats_taken(db, schedule) == 1
    assert (await amina.submit(answer.text, path, **AMINA)).url.path.endswith("/attendees")


async def test_a_form_key_of_one_browser_tells_another_nothing(amina: Shopper, dev: Shopper, schedule: Row) -> None:
    reference = await amina.book(schedule, form_key="guessed")
    assert await dev.book(schedule, form_key="guessed") != reference


async def test_when_places_go_meanwhile_the_form_comes_back_for_those_that_are_left(
    amina: Shopper, dev: Shopper, schedule: Row, db: Db
) -> None:
    form = await amina.who_form(schedule, places=3)
    await dev.book(schedule, places=5, email="dev@example.com")
    answer = await amina.submit(form, f"/book/{schedule['id']}/who", **AMINA)
    assert answer.status_code == 409
    assert "Only 1 place is left on this date." in words(answer.text)
    assert "Hold 1 place" in words(answer.text)
    assert 'value="amina@example.com"' in answer.text
    await amina.submit(answer.text, f"/book/{schedule['id']}/who", **AMINA)
    assert seats_taken(db, schedule) == 6


async def test_when_the_last_place_goes_meanwhile_other_dates_are_shown(
    amina: Shopper, dev: Shopper, schedule: Row, db: Db
) -> None:
    course = one(db, "select * from courses where id = %s", schedule["course_id"])
    other = a_schedule(db, course=course)
    form = await amina.who_form(schedule)
    await dev.book(schedule, places=6, email="dev@example.com")
    answer = await amina.submit(form, f"/book/{schedule['id']}/who", **AMINA)
    assert answer.status_code == 409
    assert "This date is full." in words(answer.text)
    assert f'href="/dates/{other["id"]}"' in answer.text


async def test_a_code_that_is_used_up_meanwhile_is_left_out_and_said(amina: Shopper, schedule: Row, db: Db) -> None:
    code = a_discount_code(db, code="ONCE")
    form = await amina.who_form(schedule, code="ONCE")
    update(db, "discount_codes", code, is_active=False)
    answer = await amina.submit(form, f"/book/{schedule['id']}/who", **AMINA)
    assert "This discount code cannot be used for this booking." in words(answer.text)
    assert "Total £75.00" in words(answer.text)
    await amina.submit(answer.text, f"/book/{schedule['id']}/who", **AMINA)
    assert seats_taken(db, schedule) == 1


async def test_a_code_that_leaves_less_than_a_card_takes_is_refused_in_words(
    amina: Shopper, schedule: Row, db: Db
) -> None:
    a_discount_code(db, code="NEARLY", discount_type="fixed", discount_value="74.90")
    form = await amina.who_form(schedule, code="NEARLY")
    answer = await amina.submit(form, f"/book/{schedule['id']}/who", **AMINA)
    assert "a card payment is at least £0.30" in words(answer.text)
    assert seats_taken(db, schedule) == 0


async def test_whoever_holds_too_much_unpaid_is_asked_to_pay_first(amina: Shopper, schedule: Row, db: Db) -> None:
    for _ in range(5):
        await amina.book(schedule)
    form = await amina.who_form(schedule)
    answer = await amina.submit(form, f"/book/{schedule['id']}/who", **AMINA)
    assert answer.status_code == 429
    assert "You already have 5 orders waiting for payment." in words(answer.text)
    assert seats_taken(db, schedule) == 5


async def test_drafts_are_unknown_and_dates_that_are_over_or_cancelled_say_so(amina: Shopper, db: Db) -> None:
    course, venue = a_course(db), a_venue(db)
    draft = a_schedule(db, course=course, venue=venue, status="draft")
    cancelled = a_schedule(db, course=course, venue=venue, status="cancelled")
    assert (await amina.get(f"/book/{draft['id']}")).status_code == 404
    assert (await amina.get("/book/999999")).status_code == 404
    refused = await amina.get(f"/book/{cancelled['id']}")
    assert refused.status_code == 409
    assert "This date is not open for booking." in words(refused.text)


async def test_a_customer_who_is_signed_in_need_not_type_the_e_mail_address(
    amina: Shopper, schedule: Row, db: Db, password_hash: str
) -> None:
    account = amina_of(db, password_hash=password_hash)
    await amina.sign_in(account["email"])
    assert 'value="amina@example.com"' in await amina.who_form(schedule)


async def test_names_are_kept_and_may_be_changed_until_the_course_begins(amina: Shopper, schedule: Row, db: Db) -> None:
    reference = await amina.book(schedule, places=2)
    page = await amina.press(
        reference, "attendees", page="/attendees",
        first_name_1="Amina", last_name_1="Khan", email_1="", first_name_2="Grace", last_name_2="Holt", email_2="grace@example.com",
    )  # fmt: skip
    assert page.url.path == f"/orders/{reference}/review"
    assert "Grace Holt grace@example.com" in words(page.text)
    await amina.press(reference, "attendees", page="/attendees", first_name_1="Leila", last_name_1="Fox")
    assert [row["first_name"] for row in db.execute("select first_name from attendees").fetchall()] == ["Leila"]


async def test_a_name_never_reaches_another_place_than_it_was_written_for(
    amina: Shopper, schedule: Row, db: Db
) -> None:
    reference = await amina.book(schedule, places=3)
    path = f"/orders/{reference}/attendees"
    shown = (await amina.get(path)).text
    db.execute("update bookings set status = 'cancelled' where id = (select min(id) from bookings)")
    typed = {
        "first_name_1": "Gone",
        "last_name_1": "A",
        "first_name_2": "Grace",
        "last_name_2": "B",
        "first_name_3": "Hal",
    }
    again = await amina.submit(shown, path, **typed, last_name_3="C")
    assert "The places of this booking have changed meanwhile" in words(again.text)
    assert [name in again.text for name in ('value="Gone"', 'value="Grace"', 'value="Hal"')] == [False, True, True]
    typed = {"first_name_1": "Grace", "last_name_1": "B", "first_name_2": "Hal", "last_name_2": "C"}
    await amina.submit(again.text, path, **typed)
    found = db.execute("select first_name from attendees order by booking_id").fetchall()
    assert [row["first_name"] for row in found] == ["Grace", "Hal"]


async def test_half_a_name_or_one_address_twice_is_asked_again(amina: Shopper, schedule: Row, db: Db) -> None:
    reference = await amina.book(schedule, places=2)
    half = await amina.press(reference, "attendees", page="/attendees", last_name_2="Holt")
    assert "Enter the first name of attendee 2." in words(half.text)
    names = {"first_name_1": "A", "last_name_1": "B", "first_name_2": "C", "last_name_2": "D"}
    emails = {"email_1": "same@example.com", "email_2": "SAME@example.com"}
    twice = await amina.press(reference, "attendees", page="/attendees", **names, **emails)
    assert "Attendee 2 has the same e-mail address as attendee 1." in words(twice.text)
    assert one(db, "select count(*) as named from attendees")["named"] == 0


async def test_who_has_a_place_on_the_date_already_is_not_named_again(amina: Shopper, schedule: Row) -> None:
    names = {"first_name_1": "Grace", "last_name_1": "Holt", "email_1": "grace@example.com"}
    await amina.press(await amina.book(schedule), "attendees", page="/attendees", **names)
    answer = await amina.press(await amina.book(schedule), "attendees", page="/attendees", **names)
    assert answer.status_code == 422
    assert "already has a place on this date" in words(answer.text)
    assert 'value="grace@example.com"' in answer.text


async def test_a_form_without_its_token_does_nothing(amina: Shopper, schedule: Row, db: Db) -> None:
    reference = await amina.book(schedule)
    for action in ("pay", "release", "attendees"):
        assert (await amina.post(f"/orders/{reference}/{action}", data={"method": "card"})).status_code == 403
    assert (await amina.post(f"/book/{schedule['id']}/who", data=AMINA)).status_code == 403
    assert statuses(db, reference) == ["pending"]


async def test_pages_with_a_hold_are_kept_in_no_cache(amina: Shopper, schedule: Row) -> None:
    reference = await amina.book(schedule)
    for page in ("", "/attendees", "/review"):
        answer = await amina.get(f"/orders/{reference}{page}")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "We are holding 1 place for you until" in words(answer.text)
