"""Opens a payment page for an order: the attempt is written down first, then Stripe is asked, then the answer is written down."""

from datetime import datetime, timedelta
from decimal import Decimal

from rft.bookings.queries import Order
from rft.bookings.service import lock_order
from rft.database.pool import Connection, Database, Row
from rft.errors import Refusal
from rft.kit.clock import span_in_words
from rft.kit.references import new_token
from rft.payments.closing import close_payment_page
from rft.payments.gateway import Gateway, PageRequest
from rft.payments.queries import find_due
from rft.settings import Settings

# Stripe keeps a page open for 30 minutes at least; a minute more allows for two clocks that differ.
_PAGE_LIFE = timedelta(minutes=31)
# As long as that minute lasts, an answer that was lost can be asked for again; later Stripe would find the page's life too short.
_ASK_LIFE = timedelta(seconds=45)


class NothingToPay(Refusal):
    status = 409
    title = "Nothing to pay"
    sentence = "There is nothing to pay on this order."


class HoldOver(Refusal):
    status = 409
    title = "The seats are no longer held"
    sentence = (
        "Your seats were held for a while and have been given back. You have not been charged. Please book again."
    )


async def open_payment_page(
    database: Database, gateway: Gateway, settings: Settings, order: Order, *, now: datetime
) -> str:
    """The address of the order's hosted payment page, the same one while it is open.

    No lock and no connection is held while Stripe is asked. An answer that was lost is asked for again under the same key.
    Raises NothingToPay (also where another way to pay was chosen meanwhile), HoldOver or PaymentUnavailable.
    """
    attempt = await database.run(lambda db: _claim_attempt(db, order, now))
    if attempt["amount"] != attempt["due"]:
        # A seat was given up, or part of the price has come in another way, since that page was opened.
        if not await close_payment_page(database, gateway, order.id):
            raise NothingToPay
        attempt = await database.run(lambda db: _claim_attempt(db, order, now))
    if attempt["url"]:
        return str(attempt["url"])
    page = await gateway.open_page(
        _page_request(settings, order, attempt["idempotency_key"], attempt["amount"], attempt["created_at"])
    )
    async with database.transaction() as db:
        cursor = await db.execute(
            """
            update checkout_attempts set state = 'open', stripe_session_id = %(session_id)s, url = %(url)s
             where id = %(id)s and state <> 'closed'
            """,
            {"id": attempt["id"], "session_id": page.session_id, "url": page.url},
        )
    if cursor.rowcount == 0:
        raise NothingToPay
    return page.url


async def _claim_attempt(db: Connection, order: Order, now: datetime) -> Row:
    await lock_order(db, order.id)
    cursor = await db.execute(
        """
        select bool_or(booking.status <> 'cancelled') as live, placed.hold_expires_at
          from orders as placed
          join order_bookings as seat on seat.order_id = placed.id
          join bookings as booking on booking.id = seat.booking_id
         where placed.id = %s
         group by placed.id
        """,
        (order.id,),
    )
    state = await cursor.fetchone()
    assert state is not None, "an order has seats"
    if not state["live"] or (state["hold_expires_at"] is not None and state["hold_expires_at"] <= now):
        raise HoldOver
    due = await find_due(db, order.id)
    if due == 0:
        raise NothingToPay
    # A page whose life is over cannot be paid on; one whose address never reached us reached nobody.
    await db.execute(
        """
        update checkout_attempts set state = 'closed'
         where order_id = %(order_id)s
           and (state = 'open' and created_at < %(page_over)s or state = 'opening' and created_at < %(ask_over)s)
        """,
        {"order_id": order.id, "page_over": now - _PAGE_LIFE, "ask_over": now - _ASK_LIFE},
    )
    cursor = await db.execute(
        """
        insert into checkout_attempts (order_id, idempotency_key, amount, created_at) values (%s, %s, %s, %s)
        on conflict (order_id) where state <> 'closed' do update set order_id = excluded.order_id
        returning id, idempotency_key, amount, url, created_at
        """,
        (order.id, f"checkout-{new_token()}", due, now.replace(microsecond=0)),
    )
    attempt = await cursor.fetchone()
    assert attempt is not None, "an upsert returns its row"
    return {**attempt, "due": due}


def _page_request(settings: Settings, order: Order, key: str, amount: Decimal, began: datetime) -> PageRequest:
    places = "1 place" if order.seats == 1 else f"{order.seats} places"
    address = f"{settings.base_url}/orders/{order.reference}"
    return PageRequest(
        idempotency_key=key,
        order_reference=order.reference,
        description=f"{order.course_name}, {order.venue_name}, {span_in_words(order.starts_at, order.ends_at)}: {places}",
        amount=amount,
        email=order.booker_email,
        expires_at=began + _PAGE_LIFE,
        success_url=f"{address}/paid",
        cancel_url=address,
    )
