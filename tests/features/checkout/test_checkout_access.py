"""Who sees an order: the browser that made it, the account it belongs to, the office, and whoever proves to know it."""

from collections.abc import Callable

from tests.builders import Db, Row
from tests.cast import amina as amina_of
from tests.cast import carol
from tests.cast import dev as dev_of
from tests.features.checkout.shopping import Shopper, Stripe, one, words

PAGES = ("", "/attendees", "/review", "/pay", "/paid", "/calendar.ics")


async def test_another_persons_order_is_not_found_whatever_page_is_tried(
    amina: Shopper, dev: Shopper, schedule: Row
) -> None:
    reference = await amina.book(schedule)
    await dev.book(schedule, email="dev@example.com")
    unknown = words((await dev.get("/orders/ORD-0000000000000000")).text)
    for page in PAGES:
        answer = await dev.get(f"/orders/{reference}{page}")
        assert answer.status_code == 404
        assert words(answer.text) == unknown
        assert 'href="/orders/find"' in answer.text


async def test_another_person_changes_nothing_either(amina: Shopper, dev: Shopper, schedule: Row, db: Db) -> None:
    reference = await amina.book(schedule)
    token = await dev.csrf_token(f"/book/{schedule['id']}")
    for action in ("attendees", "pay", "release"):
        answer = await dev.post(f"/orders/{reference}/{action}", data={"csrf_token": token, "method": "card"})
        assert answer.status_code == 404
    assert one(db, "select count(*) as pages from checkout_attempts")["pages"] == 0


async def test_a_link_with_the_token_is_remembered_and_leaves_the_address_clean(
    amina: Shopper, dev: Shopper, schedule: Row
) -> None:
    reference = await amina.book(schedule)
    token = amina.cookies["rft_orders"].strip('"').split(".")[1].split("|")[0]
    opened = await dev.get(f"/orders/{reference}?access_token={token}")
    assert str(opened.url).endswith(f"/orders/{reference}")
    assert await dev.state(reference) == "Not paid yet"
    assert (await dev.get(f"/orders/{reference}?access_token={token[::-1]}")).status_code == 404


async def test_the_account_and_the_office_see_the_order_and_other_accounts_do_not(
    amina: Shopper, new_shopper: Callable[..., Shopper], schedule: Row, db: Db, password_hash: str
) -> None:
    people = [cast(db, password_hash=password_hash) for cast in (amina_of, carol, dev_of)]
    reference = await amina.book(schedule)
    for person, status in zip(people, (200, 200, 404), strict=True):
        browser = new_shopper()
        await browser.sign_in(person["email"])
        assert (await browser.get(f"/orders/{reference}")).status_code == status


async def test_reference_and_e_mail_open_the_order_in_any_browser(amina: Shopper, dev: Shopper, schedule: Row) -> None:
    reference = await amina.book(schedule)
    typed = f" {reference.lower().replace('0', 'o')} "
    found = await dev.send_form("/orders/find", page="/orders/find", reference=typed, email="Amina@Example.com")
    assert found.url.path == f"/orders/{reference}"
    assert await dev.state(reference) == "Not paid yet"
    assert (await amina.get(f"/orders/{reference}")).status_code == 404


async def test_the_reference_of_one_place_opens_its_order_too(
    amina: Shopper, dev: Shopper, schedule: Row, db: Db
) -> None:
    reference = await amina.book(schedule)
    place = one(db, "select booking_reference as reference from bookings")["reference"]
    found = await dev.send_form("/orders/find", page="/orders/find", reference=place, email="amina@example.com")
    assert found.url.path == f"/orders/{reference}"


async def test_what_does_not_belong_together_is_answered_as_what_does_not_exist(
    amina: Shopper, dev: Shopper, schedule: Row
) -> None:
    reference = await amina.book(schedule)
    answers = [
        await dev.send_form("/orders/find", page="/orders/find", reference=typed, email="dev@example.com")
        for typed in (reference, "ORD-0000000000000000", "nonsense")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({words(answer.text) for answer in answers}) == 1
    assert await amina.state(reference) == "Not paid yet"


async def test_an_address_that_keeps_guessing_has_to_wait_and_this_machine_has_not(
    dev: Shopper, new_shopper: Callable[..., Shopper]
) -> None:
    guess = {"reference": "ORD-0000000000000000", "email": "amina@example.com"}
    here = new_shopper("127.0.0.1")
    for browser, status in ((dev, 429), (here, 404)):
        for _ in range(10):
            await browser.send_form("/orders/find", page="/orders/find", **guess)
        assert (await browser.send_form("/orders/find", page="/orders/find", **guess)).status_code == status


async def test_both_fields_are_asked_for(dev: Shopper) -> None:
    answer = await dev.send_form("/orders/find", page="/orders/find", reference="", email="")
    assert "Enter the reference." in words(answer.text)
    assert "Enter the e-mail address." in words(answer.text)


async def test_the_calendar_file_is_there_once_the_places_are(amina: Shopper, schedule: Row, stripe: Stripe) -> None:
    reference = await amina.book(schedule)
    assert (await amina.get(f"/orders/{reference}/calendar.ics")).status_code == 404
    await amina.go_to_payment(reference)
    stripe.pay(reference)
    await amina.get(f"/orders/{reference}/paid")
    calendar = await amina.get(f"/orders/{reference}/calendar.ics")
    assert calendar.headers["content-disposition"] == f'attachment; filename="{reference}.ics"'
    assert "SUMMARY:Emergency First Aid at Work" in calendar.text
