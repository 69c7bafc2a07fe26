"""The line to the database cut at every message of every payment flow, before and after the server heard it: nothing, or everything."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rft.database.pool import Database
from rft.errors import Refusal
from rft.kit.clock import utc_now
from rft.payments.checkout import open_payment_page
from rft.payments.gateway import Event
from rft.payments.inbox import receive, settle_event
from rft.payments.jobs import expire_due_holds
from rft.payments.sending import send_refund
from tests.builders import a_schedule, reload
from tests.features.mailing import one, rows
from tests.features.payments.paying import HOLD_MINUTES, Shop

READY = b"Z\x00\x00\x00\x05"
Act = Callable[[Database], Awaitable[Any]]


class Line:
    """Stands between a client and PostgreSQL on a socket of its own, counts what the client asks, and can be cut."""

    def __init__(self, socket: str, folder: Path) -> None:
        self.server_socket, self.folder = socket, folder
        self.cut_at, self.heard, self.asked = 0, False, 0

    async def __aenter__(self) -> "Line":
        self._door = await asyncio.start_unix_server(self._serve, self.folder / ".s.PGSQL.5432")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._door.close()

    def cut(self, at: int, *, heard: bool) -> None:
        """The next client's question number `at` is not passed on, or (`heard`) its answer is not. 0: the line holds."""
        self.cut_at, self.heard, self.asked = at, heard, 0

    @property
    def was_cut(self) -> bool:
        return 0 < self.cut_at <= self.asked

    async def _serve(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        server, to_server = await asyncio.open_unix_connection(self.server_socket)
        answers = asyncio.create_task(self._answer(server, to_client))
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._ask(client, to_server)
        if self.was_cut and self.heard:
            await answers
        answers.cancel()
        for writer in (to_client, to_server):
            writer.transport.abort()

    async def _ask(self, client: asyncio.StreamReader, to_server: asyncio.StreamWriter) -> None:
        """Passes messages on until the client leaves or the line is cut. The first one alone has no kind."""
        kind = b""
        while True:
            size = await client.readexactly(4)
            message = kind + size + await client.readexactly(int.from_bytes(size) - 4)
            # A question ends with a Query or a Sync; the server answers it before it hears the next.
            self.asked += kind in (b"Q", b"S") and self.cut_at > 0
            if self.was_cut and not self.heard:
                return
            to_server.write(message)
            if self.was_cut:
                return
            kind = await client.readexactly(1)

    async def _answer(self, server: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        while chunk := await server.read(65536):
            if self.was_cut:
                if READY in chunk:
                    return
            else:
                to_client.write(chunk)


@pytest.fixture
async def line(shop: Shop, tmp_path: Path) -> AsyncIterator[Line]:
    host = conninfo_to_dict(shop.database.url)["host"]
    async with Line(f"{host}/.s.PGSQL.5432", tmp_path) as line:
        yield line


async def cut_everywhere(shop: Shop, line: Line, prepare: Callable[[], Awaitable[tuple[Act, Act]]]) -> int:
    """`prepare` gives what is to be cut, and what must then put everything right over a whole line. Answers the number of cuts."""
    cuts = 0
    for heard in (False, True):
        for at in range(1, 100):
            act, put_right = await prepare()
            database = Database(make_conninfo(shop.database.url, host=str(line.folder)), size=1)
            await database.open()
            line.cut(at, heard=heard)
            with suppress(Refusal, psycopg.Error):
                await act(database)
            was_cut = line.was_cut
            line.cut(0, heard=False)
            await database.close()
            await put_right(shop.database)
            if not was_cut:
                break
            cuts += 1
    return cuts


async def test_a_cut_while_booking_leaves_nothing_or_a_hold_that_ends(shop: Shop, line: Line) -> None:
    async def prepare() -> tuple[Act, Act]:
        schedule = a_schedule(shop.db, seats=4)

        async def book(database: Database) -> None:
            await shop.order(seats=3, schedule=schedule, database=database)

        async def look(_: Database) -> None:
            taken = reload(shop.db, "course_schedules", schedule)["current_capacity"]
            assert taken in (0, 3)
            shop.db.execute(
                "update orders set hold_expires_at = localtimestamp where course_schedule_id = %s", (schedule["id"],)
            )
            assert await shop.expire() == (taken > 0)
            assert reload(shop.db, "course_schedules", schedule)["current_capacity"] == 0

        return book, look

    assert await cut_everywhere(shop, line, prepare) >= 4


async def test_a_cut_while_the_page_is_opened_leaves_one_page_to_pay_on(shop: Shop, line: Line) -> None:
    async def prepare() -> tuple[Act, Act]:
        order = await shop.order()
        placed = await shop.get(order)

        async def open_page(database: Database) -> None:
            await open_payment_page(database, shop.gateway, shop.settings, placed, now=utc_now())

        async def pay(_: Database) -> None:
            shop.ledger.pay(await shop.page(order))
            await shop.news()
            made = [
                session
                for session in shop.ledger.objects("checkout.session")
                if session["client_reference_id"] == order.reference
            ]
            assert (len(made), shop.bookings(order)) == (1, [("confirmed", "paid")])

        return open_page, pay

    assert await cut_everywhere(shop, line, prepare) >= 10


async def test_a_cut_while_an_event_is_kept_is_mended_by_its_next_delivery(shop: Shop, line: Line) -> None:
    async def prepare() -> tuple[Act, Act]:
        event = Event(
            f"evt_{len(rows(shop.db, 'select from webhook_events'))}", "customer.created", None, livemode=False
        )

        async def keep(database: Database) -> None:
            await database.run(lambda db: receive(db, event))

        async def keep_again(database: Database) -> None:
            await keep(database)
            kept = one(
                shop.db, "select count(*) from procrastinate_jobs where args ->> 'stripe_id' = %(id)s", id=event.id
            )
            assert kept == {"count": 1}

        return keep, keep_again

    assert await cut_everywhere(shop, line, prepare) >= 6


async def test_a_cut_while_a_payment_is_settled_is_mended_by_the_next_try(shop: Shop, line: Line) -> None:
    async def prepare() -> tuple[Act, Act]:
        order = await shop.order(seats=2)
        shop.ledger.pay(await shop.page(order))
        await shop.post()
        [event] = rows(
            shop.db,
            "select stripe_id from webhook_events where settled_at is null and kind = 'checkout.session.completed'",
        )

        async def settle(database: Database) -> None:
            await settle_event(database, shop.gateway, event["stripe_id"])

        async def settle_again(_: Database) -> None:
            await shop.work()
            assert shop.entries(order) == [("succeeded", order.total / 2)] * 2
            assert shop.bookings(order) == [("confirmed", "paid")] * 2

        return settle, settle_again

    cuts = await cut_everywhere(shop, line, prepare)
    assert cuts >= 16
    assert shop.mails() == cuts + 2


async def test_a_cut_while_money_goes_back_sends_it_back_once(shop: Shop, line: Line) -> None:
    async def prepare() -> tuple[Act, Act]:
        order = await shop.order()
        shop.ledger.pay(await shop.page(order))
        await shop.post()
        shop.db.execute(
            "update bookings set status = 'cancelled' where booking_reference = any (%s)", (order.booking_references,)
        )
        [event] = rows(
            shop.db,
            "select stripe_id from webhook_events where settled_at is null and kind = 'checkout.session.completed'",
        )
        await settle_event(shop.database, shop.gateway, event["stripe_id"])
        args = one(shop.db, "select args from procrastinate_jobs where task_name = 'payments.send_refund'")["args"]

        async def send_back(database: Database) -> None:
            await send_refund(database, shop.gateway, **args)

        async def send_back_again(_: Database) -> None:
            await shop.work()
            assert [status for status, _ in shop.entries(order)] == ["succeeded", "refunded"]
            assert shop.bookings(order) == [("cancelled", "refunded")]

        return send_back, send_back_again

    cuts = await cut_everywhere(shop, line, prepare)
    assert cuts >= 10
    assert len(shop.ledger.objects("refund")) == cuts + 2


async def test_a_cut_while_a_hold_ends_gives_its_seats_back_once(shop: Shop, line: Line) -> None:
    async def prepare() -> tuple[Act, Act]:
        schedule = a_schedule(shop.db)
        order = await shop.order(seats=2, schedule=schedule)
        await shop.page(order)
        shop.hold_ended(order)

        async def expire(database: Database) -> None:
            await expire_due_holds(database, shop.gateway, now=utc_now(), hold_minutes=HOLD_MINUTES)

        async def expire_again(database: Database) -> None:
            await expire(database)
            assert shop.bookings(order) == [("cancelled", "pending")] * 2
            assert reload(shop.db, "course_schedules", schedule)["current_capacity"] == 0

        return expire, expire_again

    assert await cut_everywhere(shop, line, prepare) >= 10
