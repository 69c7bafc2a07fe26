"""The product as it runs at a customer's: web, worker and embedded database as processes to be killed, a practice Stripe, a mail server."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from psycopg.rows import dict_row

from rft.database import migrate
from rft.database.embedded import ensure_running
from rft.database.embedded.postmaster import read_postmaster
from rft.database.seeds.catalogue import seed_catalogue
from rft.fake_stripe.app import create_app as create_stripe
from rft.fake_stripe.ledger import Ledger
from rft.fake_stripe.serve import serving

_COMMANDS = {"web": ("serve", "--no-jobs", "--workers", "1"), "worker": ("worker",)}
# What a service manager waits before it starts again what was killed.
_RESTART_SECONDS = 1.0
_START_SECONDS = 180.0
_SECRET, _SIGNING = "sk_test_plant", "whsec_plant"


class MailServer:
    """Takes every mail; while `shut` it keeps its answer to itself, and takes the mail all the same."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.shut = threading.Event()
        self.asked = threading.Event()
        self._controller = Controller(self, hostname="127.0.0.1", port=_free_port())

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        del server, session
        self.asked.set()
        while self.shut.is_set():  # noqa: ASYNC110 (set and cleared by another thread)
            await asyncio.sleep(0.02)
        content = bytes(envelope.content or b"").decode()
        self.ids += [line.split(":", 1)[1].strip() for line in content.splitlines() if line.startswith("Message-ID:")]
        return "250 Taken"

    @contextmanager
    def serving(self) -> Iterator[str]:
        self._controller.start()
        try:
            yield f"smtp://127.0.0.1:{self._controller.port}?starttls=no"
        finally:
            self._controller.stop()


@dataclass
class Plant:
    """`kill` ends web, worker or database without a word; the first two are started again as a service manager would do it."""

    folder: Path
    url: str
    port: int
    ledger: Ledger
    mails: MailServer
    environment: dict[str, str]
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, name: str) -> None:
        command = [sys.executable, "-m", "rft", *_COMMANDS[name]]
        if name == "web":
            command += ["--port", str(self.port)]
        with (self.folder / f"{name}.log").open("ab") as said:
            self.running[name] = subprocess.Popen(command, env=self.environment, stdout=said, stderr=said)

    def kill(self, name: str) -> None:
        if name == "database":
            postmaster = read_postmaster(self.folder / "postgresql")
            assert postmaster is not None, "the database runs"
            os.kill(postmaster.pid, signal.SIGKILL)
            return
        self.running[name].kill()
        self.running[name].wait()
        time.sleep(_RESTART_SECONDS)
        self.start(name)

    def connect(self, *, autocommit: bool = True) -> psycopg.Connection[dict[str, Any]]:
        """A session of ours, as soon as the database takes one."""
        deadline = time.monotonic() + _START_SECONDS
        while True:
            with suppress(psycopg.OperationalError):
                return psycopg.connect(
                    self.url, autocommit=autocommit, row_factory=dict_row, options="-c search_path=public,jobs"
                )
            assert time.monotonic() < deadline, "the database did not come back"
            time.sleep(0.05)

    def ask(self, statement: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of one statement in a session of its own: any session may be gone with the database."""
        with self.connect() as db:
            cursor = db.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def http(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, timeout=15, trust_env=False)

    def wait(self, until: Callable[[], bool], seconds: float, what: str) -> float:
        """How long it took. Raises AssertionError where it never came."""
        began = time.monotonic()
        while True:
            with suppress(psycopg.OperationalError, httpx.TransportError):
                if until():
                    return time.monotonic() - began
            assert time.monotonic() - began < seconds, f"{what}: not within {seconds:.0f} s"
            time.sleep(0.02)

    def is_ready(self) -> bool:
        with self.http() as http:
            return http.get("/readyz").is_success


@contextmanager
def running_plant() -> Iterator[Plant]:
    """A plant in a folder of its own, ready; everything of it ends with the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rft-plant-")))
        port, mails = _free_port(), MailServer()
        stripe = create_stripe(
            database=None, secret_key=_SECRET, webhook_secret=_SIGNING, publishable_key="pk_test_plant",
            webhook_url=f"http://127.0.0.1:{port}/api/v1/payments/stripe/webhook",
        )  # fmt: skip
        stripe_address, smtp = stack.enter_context(serving(stripe)), stack.enter_context(mails.serving())
        environment = os.environ | {
            "DATABASE_URL": "", "RFT_DATA_DIR": str(folder), "RFT_BASE_URL": f"http://127.0.0.1:{port}",
            "RFT_SECRET_KEY": secrets.token_urlsafe(48), "STRIPE_SECRET_KEY": _SECRET, "STRIPE_WEBHOOK_SECRET": _SIGNING,
            "STRIPE_API_BASE": stripe_address, "SMTP_URL": smtp,
        }  # fmt: skip
        with ensure_running(folder) as server:
            migrate.upgrade(server.url)
            with psycopg.connect(server.url, autocommit=True, row_factory=dict_row) as db:
                seed_catalogue(db)
            plant = Plant(folder, server.url, port, stripe.state.ledger, mails, environment)
            stack.callback(_stop, plant)
            for name in _COMMANDS:
                plant.start(name)
            plant.wait(plant.is_ready, _START_SECONDS, "the web process")
            alive = "select id from jobs.procrastinate_workers"
            plant.wait(lambda: bool(plant.ask(alive)), _START_SECONDS, "the worker")
        yield plant


def _stop(plant: Plant) -> None:
    for process in plant.running.values():
        process.terminate()
    for process in plant.running.values():
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    # Whoever is last stops the database; one who was killed did not.
    ensure_running(plant.folder).release()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
