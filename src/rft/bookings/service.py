"""Places orders and moves bookings through their life. The database decides; what is asked here first makes for a kind answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rft import jobs
from rft.bookings.approvals import ask_approval
from rft.bookings.errors import TransitionRefused
from rft.bookings.quotes import Quote, get_quote
from rft.bookings.rules import LEAST_CARD_PAYMENT
from rft.bookings.schemas import AttendeeRequest, OrderRequest
from rft.database.pool import Connection
from rft.database.sql import statement
from rft.errors import Busy, NotValid, TooMany
from rft.kit.clock import minutes_after
from rft.kit.money import in_words
from rft.kit.references import hash_token, new_reference, new_token, read_reference
from rft.organisations.service import put_on_account

_PLACE_ORDER = statement(__file__, "place_order.sql")
# Nobody needs more unpaid orders at once; whoever makes them keeps seats from others.
MOST_UNPAID_ORDERS = 5
# The second look sees the customer whom another request was making during the first.
_LOOKS = 3


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """What the buyer is told. The access token is shown once; only its hash is kept."""

    reference: str
    access_token: str
    status: str
    total: Decimal
    hold_expires_at: datetime | None
    booking_references: list[str]
    payment_status: str


async def place_order(
    db: Connection,
    asked: OrderRequest,
    *,
    now: datetime,
    hold_minutes: int,
    user_id: int | None = None,
    office: bool = False,
) -> PlacedOrder:
    """Books all seats or none, by one statement; what else has to happen with it shares a transaction. `now` is UTC without zone.

    `user_id` is who is signed in: an organisation's agreed price and its account are for its own people, never for a name that was typed.
    Raises what get_quote raises, TooMany where the booker already holds too much unpaid, and every refusal of the database.
    """
    quote = await get_quote(
        db, asked.schedule_id, asked.seats, asked.discount_code, now=now, email=asked.booker.email, user_id=user_id,
        organisation_id=asked.organisation_id, office=office,
    )  # fmt: skip
    _require_few_unpaid(quote)
    method = _payment_method(asked, quote)
    free = quote.price.total == 0
    placed = PlacedOrder(
        reference=new_reference("ORD"),
        access_token=new_token(),
        status="confirmed" if free else "pending",
        total=quote.price.total,
        hold_expires_at=minutes_after(now, hold_minutes) if method == "card" else None,
        booking_references=[new_reference("RFT") for _ in range(asked.seats)],
        payment_status="paid" if free else "pending",
    )
    if method == "card":
        await _write(db, asked, quote, placed, method)
        return placed
    async with db.transaction():
        order_id = await _write(db, asked, quote, placed, method)
        if free:
            await jobs.enqueue(db, "invoices.issue_invoice", lock=f"invoices-{order_id}", order_id=order_id)
            await jobs.enqueue(db, "notifications.send_order_confirmation", order_id=order_id)
        else:
            if office and asked.organisation_id is not None:
                await put_on_account(db, order_id, asked.organisation_id)
            name = asked.organisation_name
            await ask_approval(db, order_id, member_id=user_id, organisation_name=name, now=now)
    return placed


def _require_few_unpaid(quote: Quote) -> None:
    if quote.unpaid_orders >= MOST_UNPAID_ORDERS:
        raise TooMany(
            f"You already have {quote.unpaid_orders} orders waiting for payment. Please pay or cancel one of them first.",
            code="unpaid_orders",
        )


def _payment_method(asked: OrderRequest, quote: Quote) -> str:
    total = quote.price.total
    if total == 0:
        return "free"
    if asked.payment_method == "free":
        sentence = f"There is {in_words(total)} to pay: choose card or invoice."
        raise NotValid(sentence, code="orders_free_only_at_nothing", errors={"payment_method": sentence})
    if asked.payment_method == "card" and total < LEAST_CARD_PAYMENT:
        sentence = (
            f"The discount leaves {in_words(total)} to pay; a card payment is at least {in_words(LEAST_CARD_PAYMENT)}."
        )
        raise NotValid(sentence, code="card_payment_too_small", errors={"discount_code": sentence})
    return asked.payment_method


async def _write(db: Connection, asked: OrderRequest, quote: Quote, placed: PlacedOrder, method: str) -> int:
    attendees = asked.attendees or []
    values = {
        "email": asked.booker.email,
        "first_name": asked.booker.first_name,
        "last_name": asked.booker.last_name,
        "phone": asked.booker.phone,
        "reference": placed.reference,
        "access_token_hash": hash_token(placed.access_token),
        "schedule_id": asked.schedule_id,
        "booker_name": f"{asked.booker.first_name} {asked.booker.last_name}",
        "organisation_name": asked.organisation_name,
        "purchase_order": asked.purchase_order,
        "payment_method": method,
        "seats": asked.seats,
        "total": placed.total,
        "vat": quote.price.vat,
        "terms_version": asked.terms_version,
        "policy_version": quote.policy.version,
        "hold_expires_at": placed.hold_expires_at,
        "booking_references": placed.booking_references,
        "status": placed.status,
        "payment_status": placed.payment_status,
        "net": quote.price.net,
        "discount": quote.price.discount,
        "list_price": quote.price.list_price,
        "gross": quote.price.gross,
        "price_reason": quote.price.price_reason,
        "discount_reason": quote.price.reason,
        "vat_rate": quote.price.vat_rate,
        "offer_id": quote.price.offer.id if quote.price.offer else None,
        "organisation_price_id": quote.price.agreed.id if quote.price.agreed else None,
        "discount_code_id": quote.price.code.id if quote.price.code else None,
        "attendee_references": placed.booking_references[: len(attendees)],
        "attendee_first_names": [attendee.first_name for attendee in attendees],
        "attendee_last_names": [attendee.last_name for attendee in attendees],
        "attendee_emails": [attendee.email for attendee in attendees],
    }
    for _ in range(_LOOKS):
        row = await (await db.execute(_PLACE_ORDER, values)).fetchone()
        if row is not None:
            return int(row["order_id"])
    raise Busy


async def name_attendees(db: Connection, order_id: int, attendees: Mapping[str, AttendeeRequest | None]) -> None:
    """Names who sits in the seats of an order, by the bookings' references; None leaves a seat to be named later.

    Raises TransitionRefused where one of them is given up or has begun: a name meant for it must not reach another seat.
    """
    await lock_order(db, order_id)
    cursor = await db.execute(
        """
        select booking.id, booking.booking_reference as reference
          from order_bookings as seat
          join bookings as booking on booking.id = seat.booking_id
          join course_schedules as schedule on schedule.id = booking.course_schedule_id
         where seat.order_id = %s and booking.booking_reference = any (%s) and booking.status in ('pending', 'confirmed')
           and schedule.start_datetime > utc_clock()
         order by seat.position
        """,
        (order_id, list(attendees)),
    )
    named = [(row["id"], attendees[row["reference"]]) for row in await cursor.fetchall()]
    if len(named) < len(attendees):
        raise TransitionRefused
    # All leave before any arrives: two people who change places are not somebody with two seats.
    await db.execute("delete from attendees where booking_id = any (%s)", ([booking_id for booking_id, _ in named],))
    for booking_id, attendee in named:
        if attendee is not None:
            await db.execute(
                """
                insert into attendees (booking_id, first_name, last_name, email)
                values (%(booking_id)s, %(first_name)s, %(last_name)s, %(email)s)
                """,
                {"booking_id": booking_id, **attendee.model_dump()},
            )


async def reserve_on_invoice(
    db: Connection,
    order_id: int,
    *,
    organisation_name: str,
    purchase_order: str,
    now: datetime,
    member_id: int | None = None,
) -> None:
    """Turns an order that waits for a card into one on a purchase order: its seats stay pending, and the card's clock runs no more.

    It is accepted, or waits for the office (see ask_approval).
    Raises TransitionRefused where nothing is pending, where the hold is over (others may be waiting for the seats), and where a
    payment page is open on which somebody may be paying.
    """
    await lock_order(db, order_id)
    cursor = await db.execute(
        """
        update orders as placed
           set payment_method = 'invoice', hold_expires_at = null,
               organisation_name = %(organisation_name)s, purchase_order = %(purchase_order)s
         where placed.id = %(order_id)s and placed.payment_method = 'card'
           and (placed.hold_expires_at is null or placed.hold_expires_at > utc_clock())
           and not exists (select from checkout_attempts where order_id = placed.id and state <> 'closed')
           and exists (select from order_bookings as seat
                         join bookings as booking on booking.id = seat.booking_id
                        where seat.order_id = placed.id and booking.status = 'pending')
        """,
        {"order_id": order_id, "organisation_name": organisation_name, "purchase_order": purchase_order},
    )
    if cursor.rowcount == 0:
        raise TransitionRefused(
            "This order can no longer be put on a purchase order: it is paid, over, or being paid by card."
        )
    await ask_approval(db, order_id, member_id=member_id, organisation_name=organisation_name, now=now)


async def release_unpaid_order(db: Connection, order_id: int) -> int:
    """Gives back the seats of an order that is still pending; answers how many. Locks the order, then its schedule.

    Raises TransitionRefused where nothing is pending any more.
    """
    await lock_order(db, order_id)
    cursor = await db.execute(
        """
        update bookings as booking set status = 'cancelled'
          from order_bookings as seat
         where seat.order_id = %(order_id)s and booking.id = seat.booking_id
           and booking.status = 'pending' and booking.payment_status in ('pending', 'failed')
        """,
        {"order_id": order_id},
    )
    if cursor.rowcount == 0:
        raise TransitionRefused("This order is no longer waiting for payment, so there are no seats to give back.")
    released = cursor.rowcount
    on_account = await db.execute("select from orders where id = %s and payment_method = 'invoice'", (order_id,))
    if on_account.rowcount:
        await jobs.enqueue(db, "invoices.credit_cancelled", lock=f"invoices-{order_id}", order_id=order_id)
    return released


async def release_unordered_holds(db: Connection, *, older_than: datetime) -> int:
    """Cancels pending bookings that belong to no order (another client wrote them) and were made before `older_than`."""
    cursor = await db.execute(
        """
        select booking.id, pg_advisory_xact_lock(7301, booking.course_schedule_id)
          from (select booking.id, booking.course_schedule_id
                  from bookings as booking
                 where booking.status = 'pending' and booking.payment_status in ('pending', 'failed') and booking.created_at < %s
                   and not exists (select from order_bookings where booking_id = booking.id)
                   and not exists (select from payment_transactions where booking_id = booking.id and status = 'succeeded')
                 order by booking.course_schedule_id, booking.id) as booking
        """,
        (older_than,),
    )
    due = [row["id"] for row in await cursor.fetchall()]
    # Asked again under the lock: a payment may have been written down since.
    cursor = await db.execute(
        """
        update bookings set status = 'cancelled'
         where id = any (%s) and status = 'pending'
           and not exists (select from payment_transactions as entry
                            where entry.booking_id = bookings.id and entry.status = 'succeeded')
        """,
        (due,),
    )
    return cursor.rowcount


async def renew_access(db: Connection, reference: str, email: str) -> tuple[str, str] | None:
    """A new access token for whoever knows the order (or one of its bookings) and the booker's e-mail address.

    Answers the order's reference and the token; the token before it opens nothing any more. None where they do not belong together.
    """
    token = new_token()
    cursor = await db.execute(
        """
        update orders as placed set access_token_hash = %(token_hash)s
         where lower(placed.booker_email) = lower(%(email)s)
           and (placed.reference = %(reference)s
                or placed.id = (select seat.order_id
                                  from bookings as booking join order_bookings as seat on seat.booking_id = booking.id
                                 where booking.booking_reference = %(reference)s))
        returning placed.reference
        """,
        {"token_hash": hash_token(token), "reference": read_reference(reference), "email": email.strip()},
    )
    row = await cursor.fetchone()
    return (row["reference"], token) if row is not None else None


async def lock_order(db: Connection, order_id: object) -> None:
    """The one lock order: the order, its schedules by id, then (taken by what follows) code, bookings and transactions."""
    await db.execute("select from orders where id = %s for no key update", (order_id,))
    await db.execute(
        """
        select pg_advisory_xact_lock(7301, schedule_id)
          from (select distinct booking.course_schedule_id as schedule_id
                  from order_bookings as seat join bookings as booking on booking.id = seat.booking_id
                 where seat.order_id = %s order by 1) as held
        """,
        (order_id,),
    )
