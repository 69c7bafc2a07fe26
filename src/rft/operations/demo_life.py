"""What has happened in the demonstration before anybody looks, by the real services: orders, an employer on account, a refund."""

from datetime import timedelta

import httpx

from rft.audit.service import Actor
from rft.bookings.queries import get_order, list_bookings_of_order
from rft.bookings.schemas import OrderRequest
from rft.bookings.service import PlacedOrder, place_order
from rft.certificates.batches import ask_for_batch
from rft.changes.service import Wish, cancel_places
from rft.database.pool import Connection, Database
from rft.kit.clock import utc_now
from rft.organisations.schemas import MemberRequest, OrganisationRequest, SiteRequest
from rft.organisations.service import add_member, add_site, create_organisation
from rft.payments.checkout import open_payment_page
from rft.payments.desk import take_payment
from rft.payments.gateway import Gateway
from rft.payments.schemas import PaymentRequest
from rft.payments.service import settle_checkout
from rft.settings import Settings

_BUYERS = [
    ("Priya", "Barker", 1, "Priya Barker"),
    ("Callum", "Okafor", 3, "Callum Okafor", "Megan Lister", "Dylan Fox"),
    ("Grace", "Holt", 2, "Grace Holt", "Owen Holt"),
    ("Hamza", "Begum", 1, "Hamza Begum"),
    ("Ellie", "Sutton", 5, "Ellie Sutton"),
]
_EMPLOYER = OrganisationRequest(
    name="Hillside Nurseries", billing_name="Hillside Nurseries Ltd", billing_email="accounts@hillside.example",
    billing_address=["4 Orchard Row", "Leeds LS8 2QT"], is_approved_for_invoice=True, credit_limit="1500.00",
)  # fmt: skip


async def live_a_little(settings: Settings) -> None:
    """Once, in a freshly sown demonstration. Needs the practice payment server; mails and invoices follow when jobs run."""
    database = Database(settings.database_url, size=2)
    await database.open()
    try:
        async with Gateway(settings) as gateway:
            await _live(database, gateway, settings)
    finally:
        await database.close()


async def _live(database: Database, gateway: Gateway, settings: Settings) -> None:
    async with database.connection() as db:
        carol = await _person(db, "carol@demo.example")
        amina = await _person(db, "amina@demo.example")
        dates = await _roomy_dates(db)
    actor = Actor(carol)
    orders = [
        await _order(database, settings, buyer, schedule_id) for buyer, schedule_id in zip(_BUYERS, dates, strict=False)
    ]
    for placed in orders[:3]:
        await _pay_by_card(database, gateway, settings, placed.reference)
    await take_payment(database, gateway, actor, orders[3].reference, PaymentRequest(method="card_terminal"))
    await _cancel_one(database, actor, orders[1].reference)
    await database.run(lambda db: _employ(db, actor, amina))
    if len(dates) > len(_BUYERS):
        await _order_on_account(database, settings, dates[len(_BUYERS)], amina)
        await _order_on_account(database, settings, dates[-1], None)
    await _certify(database, actor)


async def _order(database: Database, settings: Settings, buyer: tuple[object, ...], schedule_id: int) -> PlacedOrder:
    first, last, seats, *people = map(str, buyer)
    asked = OrderRequest.model_validate(
        {
            "schedule_id": schedule_id,
            "seats": int(seats),
            "booker": {"email": f"{first}.{last}@people.example".lower(), "first_name": first, "last_name": last},
            "attendees": [dict(zip(("first_name", "last_name"), name.split(), strict=True)) for name in people],
            "payment_method": "card",
            "terms_version": "1",
        }
    )
    return await database.run(
        lambda db: place_order(db, asked, now=utc_now(), hold_minutes=settings.hold_minutes), in_transaction=False
    )


async def _pay_by_card(database: Database, gateway: Gateway, settings: Settings, reference: str) -> None:
    async with database.connection() as db:
        order = await get_order(db, reference, staff=True)
    url = await open_payment_page(database, gateway, settings, order, now=utc_now())
    session_id = url.rstrip("/").rpartition("/")[2]
    # As the customer does it, on the hosted page.
    async with httpx.AsyncClient() as client:
        paid = await client.post(url, data={"email": order.booker_email, "card": "4242 4242 4242 4242"})
    assert paid.status_code < 400, "the practice page takes the practice card"
    await settle_checkout(database, gateway, session_id)


async def _cancel_one(database: Database, actor: Actor, reference: str) -> None:
    """For all of its price: what the terms return depends on how far away the date happens to be."""

    async def work(db: Connection) -> None:
        order = await get_order(db, reference, staff=True)
        seat = (await list_bookings_of_order(db, order.id))[-1]
        wish = Wish("office", actor, "Broke a leg", refunds={seat.reference: seat.payment_amount})
        await cancel_places(db, order.id, [seat.id], wish, now=utc_now())

    await database.run(work)


async def _employ(db: Connection, actor: Actor, member_id: int) -> None:
    organisation_id = await create_organisation(db, actor, _EMPLOYER)
    member = await (await db.execute("select email from users where id = %s", (member_id,))).fetchone()
    assert member is not None, "Amina has just been sown"
    await add_member(db, actor, organisation_id, MemberRequest(email=member["email"]))
    for name, address in (("Orchard Row", "4 Orchard Row, Leeds"), ("Mill Lane", "19 Mill Lane, Bradford")):
        await add_site(db, actor, organisation_id, SiteRequest(name=name, address=[address]))


async def _order_on_account(database: Database, settings: Settings, schedule_id: int, member_id: int | None) -> None:
    """On Hillside's account for its member; without one the order waits for the office's approval."""
    asked = OrderRequest.model_validate(
        {
            "schedule_id": schedule_id,
            "seats": 2,
            "booker": {"email": "amina@demo.example" if member_id else "ruth.walsh@people.example",
                       "first_name": "Amina" if member_id else "Ruth", "last_name": "Yusuf" if member_id else "Walsh"},
            "payment_method": "invoice",
            "organisation_name": "Hillside Nurseries" if member_id else "Walsh Scaffolding",
            "purchase_order": "PO-4711",
            "terms_version": "1",
        }
    )  # fmt: skip
    await database.run(
        lambda db: place_order(db, asked, now=utc_now(), hold_minutes=settings.hold_minutes, user_id=member_id),
        in_transaction=False,
    )


async def _certify(database: Database, actor: Actor) -> None:
    """Those of the last days are left for whoever tries the office."""
    async with database.connection() as db:
        cursor = await db.execute(
            """
            select distinct schedule.id
              from course_schedules as schedule
              join bookings as booking on booking.course_schedule_id = schedule.id and booking.status = 'completed'
             where schedule.end_datetime < %s and schedule.instructor_id is not null
             order by schedule.id
            """,
            (utc_now() - timedelta(days=3),),
        )
        over = [row["id"] for row in await cursor.fetchall()]
    for schedule_id in over:
        async with database.transaction() as db:
            await ask_for_batch(db, actor, schedule_id)


async def _person(db: Connection, email: str) -> int:
    row = await (await db.execute("select id from users where email = %s", (email,))).fetchone()
    assert row is not None, "the demonstration's people have just been sown"
    return int(row["id"])


async def _roomy_dates(db: Connection) -> list[int]:
    """Open dates of the coming weeks with room for the largest of these orders."""
    cursor = await db.execute(
        """
        select schedule.id
          from course_schedules as schedule
          join courses as course on course.id = schedule.course_id
          join venues as venue on venue.id = schedule.venue_id
         where schedule.status = 'published' and schedule.start_datetime > %s
           and least(course.max_capacity, venue.capacity) - schedule.current_capacity >= 5
           and not exists (select from schedule_plans as plan where plan.course_schedule_id = schedule.id and plan.in_house_for is not null)
         order by schedule.start_datetime
         limit 8
        """,
        (utc_now() + timedelta(days=2),),
    )
    return [row["id"] for row in await cursor.fetchall()]
