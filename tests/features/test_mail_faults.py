"""A worker killed in the middle of a delivery: the mail arrives all the same, once more than needed at most."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process

from rft import jobs
from rft.database.pool import Database
from rft.operations.jobs import take_up_stalled_jobs
from tests.builders import Db, reload
from tests.features.mailing import a_mail_server, an_order, context, enqueue, one, rows, see_jobs, settings_with, until

WORK = "from rft.jobs import run_worker; from rft.settings import Settings; run_worker(Settings.from_environment())"


async def a_worker_process(database: Database, smtp_url: str) -> Process:
    environment = {**os.environ, "RFT_DEMO": "1", "DATABASE_URL": database.url, "SMTP_URL": smtp_url}
    return await asyncio.create_subprocess_exec(sys.executable, "-c", WORK, env=environment)


async def test_a_worker_killed_while_it_hands_a_mail_over_loses_nothing(database: Database, db: Db) -> None:
    order = an_order(db)
    await enqueue(database, "notifications.send_order_confirmation", order_id=order["id"])
    async with a_mail_server() as server:
        server.may_answer.clear()
        worker = await a_worker_process(database, server.url)
        await server.in_data.wait()
        worker.kill()
        await worker.wait()
        server.may_answer.set()
        see_jobs(db)
        db.execute("update procrastinate_workers set last_heartbeat = now() - interval '2 minutes'")
        await take_up_stalled_jobs(context(database))
        async with jobs.running(settings_with(server.url), database):
            await until(lambda: rows(db, "select from outbox_mails where state = 'sent'"))
    assert 1 <= len(server.mails) <= 2
    assert len({mail["Message-ID"] for mail in server.mails}) == 1
    assert one(db, "select count(*) from email_logs where status = 'sent'")["count"] == 1
    assert reload(db, "bookings", order["bookings"][0])["confirmation_sent"] is True


async def test_a_worker_asked_to_stop_finishes_the_mail_in_its_hands(database: Database, db: Db) -> None:
    await enqueue(database, "notifications.send_order_confirmation", order_id=an_order(db)["id"])
    async with a_mail_server() as server:
        server.may_answer.clear()
        worker = await a_worker_process(database, server.url)
        await server.in_data.wait()
        worker.send_signal(signal.SIGTERM)
        server.may_answer.set()
        assert await worker.wait() == 0
    assert one(db, "select state from outbox_mails")["state"] == "sent"
    assert one(db, "select count(*) from jobs.procrastinate_workers")["count"] == 0
