"""Delivery: kept without a mail server, otherwise handed over once; answer, log and flag are written down together."""

import asyncio

import psycopg
import pytest

from rft import jobs
from rft.database.pool import Database
from rft.errors import NotFound
from rft.notifications import outbox, service
from rft.notifications.compose import CONFIRMATION, RESERVED, Kind, Mail
from rft.notifications.errors import MailOnItsWay, MailOutdated
from rft.notifications.jobs import deliver, deliver_waiting
from rft.notifications.smtp import RefusedForNow, ServerAway
from tests.builders import Db, Row, confirm, reload, update
from tests.features.mailing import (
    MailServer,
    a_mail_server,
    an_order,
    cancel,
    context,
    enqueue,
    finished,
    one,
    rows,
    see_jobs,
    settings_with,
    until,
)


async def queued(database: Database, order: Row, kind: Kind = CONFIRMATION, *, job: bool = True) -> int:
    """The mail in the outbox; without its job, it waits as after an outage of the mail server."""
    async with database.transaction() as db:
        mail_id = await service.write_to_booker(db, kind, order["id"], base_url="https://booking.example")
        if not job:
            await db.execute("delete from jobs.procrastinate_jobs")
    assert mail_id is not None
    return mail_id


def mail(db: Db, mail_id: int) -> Row:
    return one(db, "select * from outbox_mails where id = %(id)s", id=mail_id)


def log(db: Db) -> list[tuple[str, str, str | None]]:
    query = "select email_type, status, error_message from email_logs order by booking_id, id"
    return [(row["email_type"], row["status"], row["error_message"]) for row in rows(db, query)]


def flags(db: Db, order: Row) -> list[bool]:
    return [reload(db, "bookings", booking)["confirmation_sent"] for booking in order["bookings"]]


async def test_without_a_mail_server_the_mail_is_kept_and_nothing_is_said_to_be_sent(
    database: Database, db: Db
) -> None:
    order = an_order(db)
    async with jobs.running(settings_with(), database):
        await enqueue(database, "notifications.send_order_confirmation", order_id=order["id"])
        await until(lambda: rows(db, "select from outbox_mails where state = 'kept'"))
    assert log(db) == []
    assert flags(db, order) == [False]


async def test_a_kept_mail_is_not_sent_by_itself_when_a_server_appears(database: Database, db: Db) -> None:
    mail_id = await queued(database, an_order(db), job=False)
    await service.deliver(database, settings_with(), mail_id)
    async with a_mail_server() as server:
        await deliver_waiting(context(database, server.url))
    assert mail(db, mail_id)["state"] == "kept"
    assert server.mails == []


async def test_a_worker_sends_the_confirmation_and_writes_it_down(database: Database, db: Db) -> None:
    order = an_order(db, people=("Amina Khan", "Zoë Brown"))
    async with a_mail_server() as server, jobs.running(settings_with(server.url), database):
        await enqueue(database, "notifications.send_order_confirmation", order_id=order["id"])
        await until(lambda: rows(db, "select from outbox_mails where state = 'sent' and sent_at is not null"))
    assert server.recipients == ["amina@example.com"]
    assert log(db) == [("booking_confirmation", "sent", None)] * 2
    assert flags(db, order) == [True, True]


async def test_a_reserved_order_is_mailed_without_the_flag_of_a_confirmation(database: Database, db: Db) -> None:
    order = an_order(db, confirmed=False, payment_method="invoice")
    async with a_mail_server() as server, jobs.running(settings_with(server.url), database):
        await enqueue(database, "notifications.send_order_reserved", order_id=order["id"])
        await until(lambda: log(db))
    assert log(db) == [("order_reserved", "sent", None)]
    assert flags(db, order) == [False]


async def test_answer_log_and_flag_are_written_together_or_not_at_all(database: Database, db: Db) -> None:
    order = an_order(db)
    mail_id = await queued(database, order)
    db.execute("alter table bookings add constraint no_flag check (not confirmation_sent)")
    async with a_mail_server() as server:
        with pytest.raises(psycopg.errors.CheckViolation):
            await service.deliver(database, settings_with(server.url), mail_id)
    assert mail(db, mail_id)["state"] == "queued"
    assert log(db) == []


async def test_a_job_that_runs_twice_sends_once(database: Database, db: Db) -> None:
    mail_id = await queued(database, an_order(db))
    async with a_mail_server() as server:
        for _ in range(2):
            await service.deliver(database, settings_with(server.url), mail_id)
    assert len(server.mails) == 1
    assert log(db) == [("booking_confirmation", "sent", None)]


async def test_two_workers_with_two_jobs_send_once(database: Database, db: Db) -> None:
    mail_id = await queued(database, an_order(db))
    async with database.transaction() as transaction:
        await outbox.enqueue_delivery(transaction, mail_id)
    async with a_mail_server() as server:
        settings = settings_with(server.url)
        async with jobs.running(settings, database), jobs.running(settings, database):
            await finished(db, "notifications.deliver")
    assert len(server.mails) == 1


async def test_no_connection_is_held_while_the_mail_server_thinks(database: Database, db: Db) -> None:
    mail_id = await queued(database, an_order(db))
    async with a_mail_server() as server:
        server.may_answer.clear()
        sending = asyncio.create_task(service.deliver(database, settings_with(server.url), mail_id))
        await server.in_data.wait()
        stats = database.pool.get_stats()
        assert stats["pool_available"] == stats["pool_size"]
        server.may_answer.set()
        await sending


async def test_a_refusal_for_now_leaves_the_mail_queued_with_the_reason(database: Database, db: Db) -> None:
    mail_id = await queued(database, an_order(db))
    async with a_mail_server() as server:
        server.answer = "451 greylisted"
        with pytest.raises(RefusedForNow):
            await service.deliver(database, settings_with(server.url), mail_id)
        assert (mail(db, mail_id)["state"], mail(db, mail_id)["last_error"]) == ("queued", "451 greylisted")
        server.answer = "250 taken"
        await service.deliver(database, settings_with(server.url), mail_id)
    assert (mail(db, mail_id)["state"], mail(db, mail_id)["attempts"]) == ("sent", 2)


async def test_a_worker_tries_a_mail_refused_for_now_again_later(database: Database, db: Db) -> None:
    mail_id = await queued(database, an_order(db))
    async with a_mail_server() as server, jobs.running(settings_with(server.url), database):
        server.answer = "451 greylisted"
        await until(lambda: rows(db, "select from jobs.procrastinate_jobs where status = 'todo' and attempts = 1"))
        server.answer = "250 taken"
        see_jobs(db)
        db.execute("update procrastinate_jobs set scheduled_at = now() where attempts = 1")
        await until(lambda: mail(db, mail_id)["state"] == "sent")
    assert len(server.mails) == 1


async def test_after_the_last_try_a_refusal_for_now_counts_as_failed(database: Database, db: Db) -> None:
    mail_id = await queued(database, an_order(db))
    async with a_mail_server() as server:
        server.answer = "452 mailbox full"
        await service.deliver(database, settings_with(server.url), mail_id, give_up=True)
    assert mail(db, mail_id)["state"] == "failed"
    assert log(db) == [("booking_confirmation", "failed", "452 mailbox full")]


async def test_a_refusal_for_good_is_logged_as_failed_and_not_tried_again(database: Database, db: Db) -> None:
    order = an_order(db)
    await queued(database, order)
    async with a_mail_server() as server:
        server.answer = "550 no such person"
        async with jobs.running(settings_with(server.url), database):
            await until(lambda: log(db))
            await finished(db, "notifications.deliver")
    assert log(db) == [("booking_confirmation", "failed", "550 no such person")]
    assert flags(db, order) == [False]


async def test_a_connection_cut_while_handing_over_concerns_this_mail_only(database: Database, db: Db) -> None:
    mail_id = await queued(database, an_order(db))
    async with a_mail_server() as server:
        server.closes_after_data = True
        with pytest.raises(RefusedForNow):
            await service.deliver(database, settings_with(server.url), mail_id)
    assert mail(db, mail_id)["state"] == "queued"


async def test_mails_wait_while_the_server_is_down_and_go_oldest_first(database: Database, db: Db) -> None:
    async with a_mail_server() as server:
        await server.stop()
        ids = [await queued(database, an_order(db, booker_email=f"amina{n}@example.com")) for n in range(4)]
        async with jobs.running(settings_with(server.url), database):
            await finished(db, "notifications.deliver")
        assert {mail(db, mail_id)["state"] for mail_id in ids} == {"queued"}
        await server.start()
        await deliver_waiting(context(database, server.url))
    assert server.recipients == [f"amina{n}@example.com" for n in range(4)]
    assert {mail(db, mail_id)["state"] for mail_id in ids} == {"sent"}


async def test_while_the_server_is_down_only_one_mail_knocks(database: Database, db: Db) -> None:
    ids = [await queued(database, an_order(db), job=False) for _ in range(3)]
    await deliver_waiting(context(database, "smtp://127.0.0.1:1"))
    assert [mail(db, mail_id)["attempts"] for mail_id in ids] == [1, 0, 0]
    assert mail(db, ids[0])["last_error"].startswith("SMTPConnectError")


async def test_a_new_mail_stands_in_line_behind_those_that_wait(database: Database, db: Db) -> None:
    await queued(database, an_order(db), job=False)
    newer = await queued(database, an_order(db))
    async with a_mail_server() as server:
        await deliver(context(database, server.url), mail_id=newer)
        assert server.mails == []
        see_jobs(db)
        db.execute("delete from procrastinate_jobs")
        await deliver_waiting(context(database, server.url))
    assert len(server.mails) == 2


async def test_a_mail_refused_for_now_does_not_keep_the_others_waiting(database: Database, db: Db) -> None:
    class PickyServer(MailServer):
        async def handle_RCPT(self, server, session, envelope, address, options):  # type: ignore[no-untyped-def]  # noqa: N802
            if address == "full@example.com":
                return "452 mailbox full"
            envelope.rcpt_tos.append(address)
            return "250 ok"

    full = await queued(database, an_order(db, booker_email="full@example.com"), job=False)
    other = await queued(database, an_order(db), job=False)
    picky = PickyServer()
    await picky.start()
    await deliver_waiting(context(database, picky.url))
    await picky.stop()
    assert (mail(db, full)["state"], mail(db, other)["state"]) == ("queued", "sent")
    assert one(db, "select args from jobs.procrastinate_jobs where scheduled_at > now()")["args"] == {"mail_id": full}


async def test_a_mail_about_seats_cancelled_meanwhile_is_not_sent(database: Database, db: Db) -> None:
    order = an_order(db)
    mail_id = await queued(database, order)
    cancel(db, order["bookings"][0])
    async with a_mail_server() as server:
        await service.deliver(database, settings_with(server.url), mail_id)
    assert server.mails == []
    assert mail(db, mail_id)["state"] == "failed"
    assert "cancelled" in mail(db, mail_id)["last_error"]
    assert log(db) == []


async def test_a_mail_says_what_is_true_when_it_goes(database: Database, db: Db) -> None:
    order = an_order(db, people=("Amina Khan", "Zoë Brown"))
    mail_id = await queued(database, order)
    cancel(db, order["bookings"][1])
    async with a_mail_server() as server:
        await service.deliver(database, settings_with(server.url), mail_id)
    body = server.mails[0].get_body(("plain",))
    assert body is not None
    assert "Zoë" not in body.get_content()
    assert flags(db, order) == [True, False]


async def test_reserved_seats_paid_meanwhile_are_not_asked_to_be_paid(database: Database, db: Db) -> None:
    order = an_order(db, confirmed=False, payment_method="invoice")
    mail_id = await queued(database, order, RESERVED)
    confirm(db, order["bookings"][0])
    async with a_mail_server() as server:
        await service.deliver(database, settings_with(server.url), mail_id)
    assert server.mails == []


async def test_the_office_sends_a_mail_again_and_the_log_says_so(database: Database, db: Db) -> None:
    order = an_order(db)
    mail_id = await queued(database, order)
    async with a_mail_server() as server:
        await service.deliver(database, settings_with(server.url), mail_id)
        async with database.transaction() as transaction:
            await service.resend(transaction, mail_id)
        await service.deliver(database, settings_with(server.url), mail_id)
    assert server.mails[0]["Message-ID"] == server.mails[1]["Message-ID"]
    assert log(db) == [("booking_confirmation", "sent", None), ("booking_confirmation_again", "sent", None)]


async def test_a_mail_on_its_way_an_outdated_and_an_unknown_one_are_not_sent_again(database: Database, db: Db) -> None:
    order = an_order(db)
    mail_id = await queued(database, order)
    async with database.connection() as connection:
        with pytest.raises(MailOnItsWay):
            await service.resend(connection, mail_id)
        update(db, "outbox_mails", {"id": mail_id}, state="kept")
        cancel(db, order["bookings"][0])
        with pytest.raises(MailOutdated):
            await service.resend(connection, mail_id)
        with pytest.raises(NotFound):
            await service.resend(connection, mail_id + 1)


async def test_a_mail_about_no_booking_is_logged_once(database: Database, db: Db) -> None:
    plain = Mail("hello:1", "hello", "amina@example.com", "Hello", "text", "<p>html</p>", None, [])
    async with database.transaction() as transaction:
        mail_id = await outbox.put(transaction, plain)
    assert mail_id is not None
    async with a_mail_server() as server:
        await service.deliver(database, settings_with(server.url), mail_id)
    assert log(db) == [("hello", "sent", None)]


@pytest.mark.parametrize(
    "url", ["smtp://", "http://127.0.0.1", "smtp://127.0.0.1:99999", "smtp://127.0.0.1?starttls=perhaps"]
)
async def test_mails_wait_and_say_why_where_the_servers_address_is_none(database: Database, db: Db, url: str) -> None:
    mail_id = await queued(database, an_order(db))
    with pytest.raises(ServerAway):
        await service.deliver(database, settings_with(url), mail_id)
    assert "SMTP_URL" in mail(db, mail_id)["last_error"]
