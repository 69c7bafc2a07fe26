"""From the date to the money: paying by card, being refused, coming back, on a purchase order, and not at all."""

from fastapi import FastAPI

from rft.bookings.service import release_unpaid_order
from rft.database.pool import Database
from rft.payments.sending import send_refund
from tests.builders import Db, Row, a_discount_code
from tests.features.browser import HERE
from tests.features.checkout.shopping import Shopper, Stripe, end_hold, one, seats_taken, statuses, words

DECLINED, SETTLES_LATER = "4000000000000002", "4000000000000077"

REQUESTED = "Your places are kept while we look at your request"


async def test_amina_books_pays_and_is_confirmed(amina: Shopper, schedule: Row, stripe: Stripe, db: Db) -> None:
    reference = await amina.book(schedule, places=2, coming="yes")
    review = words((await amina.get(f"/orders/{reference}/review")).text)
    assert "Amina Khan" in review
    assert "To be named later" in review
    assert "£150.00" in review
    assert (await amina.go_to_payment(reference)).startswith(stripe.address)
    assert stripe.pay(reference) == "paid"
    result = await amina.get(f"/orders/{reference}/paid")
    assert result.url.path == f"/orders/{reference}"
    assert "You are booked" in words(result.text)
    assert statuses(db, reference) == ["confirmed", "confirmed"]


async def test_a_declined_card_changes_nothing_and_another_pays(amina: Shopper, schedule: Row, stripe: Stripe) -> None:
    reference = await amina.book(schedule)
    first = await amina.go_to_payment(reference)
    assert stripe.pay(reference, card=DECLINED) == "declined"
    assert await amina.state(reference) == "Not paid yet"
    assert await amina.go_to_payment(reference) == first
    assert stripe.pay(reference) == "paid"
    await amina.get(f"/orders/{reference}/paid")
    assert await amina.state(reference) == "You are booked"


async def test_a_forged_return_pays_nothing(
    amina: Shopper, dev: Shopper, schedule: Row, stripe: Stripe, db: Db
) -> None:
    paid = await dev.book(schedule, email="dev@example.com")
    await dev.go_to_payment(paid)
    stripe.pay(paid)
    reference = await amina.book(schedule)
    await amina.go_to_payment(reference)
    for query in ("", "?paid=true", f"?session_id={stripe.page_of(paid)}", "?payment_status=paid"):
        await amina.get(f"/orders/{reference}/paid{query}")
    assert statuses(db, reference) == ["pending"]


async def test_a_return_before_stripe_was_ever_asked_shows_the_unpaid_order(amina: Shopper, schedule: Row) -> None:
    reference = await amina.book(schedule)
    assert "Not paid yet" in words((await amina.get(f"/orders/{reference}/paid")).text)


async def test_while_stripe_does_not_answer_the_page_says_so_and_looks_again(
    amina: Shopper, schedule: Row, stripe: Stripe
) -> None:
    reference = await amina.book(schedule)
    await amina.go_to_payment(reference)
    stripe.pay(reference)
    stripe.is_out_of_reach()
    waiting = await amina.get(f"/orders/{reference}/paid")
    assert "We are checking your payment" in words(waiting.text)
    assert waiting.headers["refresh"] == "5"
    stripe.is_back()
    assert "You are booked" in words((await amina.get(f"/orders/{reference}/paid")).text)


async def test_while_a_bank_decides_nobody_is_asked_to_pay_again(
    amina: Shopper, schedule: Row, stripe: Stripe, db: Db
) -> None:
    reference = await amina.book(schedule)
    address = await amina.go_to_payment(reference)
    stripe.pay(reference, card=SETTLES_LATER)
    assert "Please do not pay again" in words((await amina.get(f"/orders/{reference}/paid")).text)
    assert await amina.go_to_payment(reference) == address
    await amina.press(reference, "release")
    assert statuses(db, reference) == ["pending"]


async def test_without_stripe_amina_is_told_that_nothing_was_charged(
    amina: Shopper, schedule: Row, stripe: Stripe, db: Db
) -> None:
    reference = await amina.book(schedule)
    stripe.is_out_of_reach()
    page = words((await amina.press(reference, "pay")).text)
    assert "You have not been charged, and your places are still held" in page
    assert statuses(db, reference) == ["pending"]


async def test_nothing_to_pay_books_at_once(amina: Shopper, schedule: Row, db: Db) -> None:
    a_discount_code(db, code="GIFT", discount_value=100)
    step = words(await amina.who_form(schedule, code="GIFT"))
    assert "£0.00" in step
    assert "By booking you accept our terms" in step
    reference = await amina.book(schedule, code="GIFT")
    assert await amina.state(reference) == "You are booked"
    assert statuses(db, reference) == ["confirmed"]


async def test_an_organisation_asks_to_pay_on_its_purchase_order(amina: Shopper, schedule: Row, db: Db) -> None:
    reference = await amina.book(schedule, places=3)
    page = await reserve(amina, reference, organisation_name="Northern Mills", purchase_order="PO-4471")
    assert "PO-4471 of Northern Mills" in words(page)
    assert await amina.state(reference) == REQUESTED
    assert statuses(db, reference) == ["pending"] * 3
    assert one(db, "select hold_expires_at from orders where reference = %s", reference)["hold_expires_at"] is None


async def test_a_purchase_order_needs_its_number(amina: Shopper, schedule: Row) -> None:
    reference = await amina.book(schedule)
    page = await reserve(amina, reference, organisation_name="Northern Mills", purchase_order=" ")
    assert "Enter the number of your purchase order." in words(page)
    assert 'value="Northern Mills"' in page


async def test_a_payment_page_is_closed_before_the_purchase_order_takes_its_place(
    amina: Shopper, schedule: Row, stripe: Stripe
) -> None:
    reference = await amina.book(schedule)
    await amina.go_to_payment(reference)
    page = stripe.page_of(reference)
    await reserve(amina, reference, organisation_name="Northern Mills", purchase_order="PO-1")
    assert await amina.state(reference) == REQUESTED
    assert stripe.ledger.pay(page).session["status"] == "expired"


async def test_who_has_paid_in_another_window_cannot_reserve_as_well(
    amina: Shopper, schedule: Row, stripe: Stripe
) -> None:
    reference = await amina.book(schedule)
    await amina.go_to_payment(reference)
    stripe.pay(reference)
    await reserve(amina, reference, organisation_name="Northern Mills", purchase_order="PO-1")
    assert await amina.state(reference) == "You are booked"


async def reserve(shopper: Shopper, reference: str, **fields: str) -> str:
    token = await shopper.csrf_token(f"/orders/{reference}/review")
    data = {"csrf_token": token, "method": "invoice", **fields}
    return (await shopper.post(f"/orders/{reference}/pay", data=data)).text


async def test_places_given_back_are_free_at_once(amina: Shopper, schedule: Row, stripe: Stripe, db: Db) -> None:
    reference = await amina.book(schedule, places=4)
    await amina.go_to_payment(reference)
    page = await amina.press(reference, "release")
    assert page.url.path == f"/dates/{schedule['id']}"
    assert "You have not been charged." in words(page.text)
    assert seats_taken(db, schedule) == 0
    assert stripe.ledger.pay(stripe.page_of(reference)).session["status"] == "expired"


async def test_places_that_were_paid_meanwhile_are_not_given_back(
    amina: Shopper, schedule: Row, stripe: Stripe, db: Db
) -> None:
    reference = await amina.book(schedule)
    await amina.go_to_payment(reference)
    stripe.pay(reference)
    assert "You are booked" in words((await amina.press(reference, "release")).text)
    assert statuses(db, reference) == ["confirmed"]


async def test_when_the_hold_is_over_the_order_says_so_and_takes_no_money(
    amina: Shopper, schedule: Row, db: Db
) -> None:
    reference = await amina.book(schedule)
    shown = await amina.get(f"/orders/{reference}/review")
    end_hold(db, reference)
    paid = await amina.submit(shown.text, f"/orders/{reference}/pay", method="card")
    assert paid.url.path == f"/orders/{reference}"
    assert "Your time to pay has run out" in words(paid.text)
    assert "You have not been charged" in words(paid.text)
    assert (await amina.get(f"/orders/{reference}/review")).url.path == f"/orders/{reference}"


async def test_money_that_came_too_late_goes_back_and_the_page_says_so(
    amina: Shopper, schedule: Row, stripe: Stripe, db: Db, app: FastAPI
) -> None:
    reference = await amina.book(schedule)
    await amina.go_to_payment(reference)
    order_id = one(db, "select id from orders where reference = %s", reference)["id"]
    database: Database = app.state.database
    await database.run(lambda connection: release_unpaid_order(connection, order_id))
    stripe.pay(reference)
    assert "payment of £75.00" in words((await amina.get(f"/orders/{reference}/paid")).text)
    await send_refund(database, app.state.gateway, one(db, "select id from refunds")["id"])
    assert await amina.state(reference) == "Your money has gone back"


async def test_the_link_of_an_order_made_by_a_program_leads_to_the_payment_and_is_remembered(
    amina: Shopper, dev: Shopper, schedule: Row, stripe: Stripe
) -> None:
    asked = {
        "schedule_id": schedule["id"], "seats": 1, "payment_method": "card", "terms_version": "1",
        "booker": {"email": "amina@example.com", "first_name": "Amina", "last_name": "Khan"},
    }  # fmt: skip
    placed = (await amina.post("/api/v1/orders", json=asked)).json()
    link = placed["payment_url"].removeprefix(HERE)
    assert (await dev.get(link[:-4] + "AAAA", follow_redirects=False)).status_code == 404
    answer = await amina.get(link, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(stripe.page_of(placed["reference"]))
    assert await amina.state(placed["reference"]) == "Not paid yet"


async def test_what_is_to_be_paid_is_what_the_server_worked_out(amina: Shopper, schedule: Row, stripe: Stripe) -> None:
    reference = await amina.book(schedule, places=5, total="0.01", price="0.01")
    await amina.go_to_payment(reference)
    page = stripe.page_of(reference)
    assert [each["amount_total"] for each in stripe.ledger.objects("checkout.session") if each["id"] == page] == [33750]
