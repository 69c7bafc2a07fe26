"""`rft demo`: embedded database, demonstration data, a practice payment server and the site, with nothing to set up."""

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import httpx
import psycopg
from psycopg.rows import dict_row
from rich.console import Console

from rft.database import migrate
from rft.database.commands import DEMO_PASSWORD
from rft.database.location import located
from rft.database.seeds.demo import PEOPLE, require_no_strangers, seed_demo
from rft.kit.clock import london_today, utc_now
from rft.kit.passwords import hash_password_now
from rft.operations.demo_life import live_a_little
from rft.operations.serving import require_free, serve_here
from rft.settings import Settings, SettingsError

out = Console(highlight=False)


def run_demo(host: str, port: int, workers: int) -> None:
    """Runs until it is told to stop. Safe to repeat: what was sown stays, and is sown once."""
    require_free(host, port)
    os.environ["RFT_DEMO"] = "1"
    os.environ.setdefault("RFT_BASE_URL", f"http://{host}:{port}")
    settings = Settings.from_environment()
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        _keep_secrets(settings.data_dir / "demo-secrets")
    except OSError as cause:
        raise SettingsError(
            f"Nothing can be kept in {settings.data_dir}: {cause.strerror}.",
            "Set RFT_DATA_DIR to a folder that can be written to.",
        ) from cause
    with located(settings) as url, _practice_payments(settings, port) as payments:
        os.environ |= {"DATABASE_URL": url, "STRIPE_API_BASE": payments}
        out.print("Preparing the database and the site ...")
        require_no_strangers(url)
        migrate.upgrade(url)
        with psycopg.connect(url, autocommit=True, row_factory=dict_row, options="-c timezone=UTC") as db:
            fresh = seed_demo(db, today=london_today(utc_now()), password_hash=hash_password_now(DEMO_PASSWORD))
        if fresh:
            asyncio.run(live_a_little(Settings.from_environment()))
        Thread(target=_welcome, args=(settings.base_url, payments), daemon=True).start()
        serve_here(host, port, workers)


def _keep_secrets(path: Path) -> None:
    """The same secrets after a restart, so that sessions and payment pages go on; readable by nobody else."""
    names = ("RFT_SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")
    if not path.exists():
        made = (secrets.token_urlsafe(48), f"sk_test_{secrets.token_hex(16)}", f"whsec_{secrets.token_hex(16)}")
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write("\n".join(made))
    for name, value in zip(names, path.read_text().split(), strict=True):
        os.environ.setdefault(name, value)


@contextmanager
def _practice_payments(settings: Settings, beside: int) -> Iterator[str]:
    """A payment server of our own on the port beside the site's; it ends with us, also when we are killed."""
    port = _free_port(beside)
    command = [
        sys.executable, "-m", "rft.fake_stripe", "--port", str(port), "--parent", str(os.getpid()),
        "--database", str(settings.data_dir / "practice-payments.sqlite"),
        "--webhook-url", f"{settings.base_url}/api/v1/payments/stripe/webhook",
    ]  # fmt: skip
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 (our own module)
    try:
        assert server.stdout is not None, "it was asked for"
        if not server.stdout.readline():
            raise SettingsError("The practice payment page could not be started.", "See what it printed above.")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=10)


def _free_port(beside: int) -> int:
    """The next port, so that payment pages still work after a restart; any other where that one is taken."""
    for port in (beside + 1, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SettingsError("No port is free.", "Stop something that listens on this machine.")


def _welcome(base_url: str, payments: str) -> None:
    """Says where everything is, once the site answers."""
    for _ in range(600):
        with suppress(httpx.TransportError):
            if httpx.get(f"{base_url}/readyz", timeout=2).is_success:
                break
        time.sleep(0.1)
    out.print(f"\n[bold]React Fast Training[/] is running.\n\n  Public site    {base_url}/")
    out.print(f"  Back office    {base_url}/office")
    out.print(f"  API            {base_url}/api/v1/docs")
    out.print(f"  Payments       {payments} (practice: no money moves)\n")
    for email, first, _, role in PEOPLE:
        if first in ("Carol", "Ben", "Amina"):
            out.print(f"  Sign in as {role:<11} {email:<20} {DEMO_PASSWORD}")
    out.print("\nPress Ctrl+C to stop.\n")
