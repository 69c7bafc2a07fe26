"""Runs the practice Stripe: as a child process that ends with its parent, or in a thread of a test."""

import argparse
import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from rft.fake_stripe.api import CUT_THE_LINE
from rft.fake_stripe.app import create_app

PARENT_LOOK_SECONDS = 0.5
START_SECONDS = 10


class CuttableConnection(HttpToolsProtocol):
    """Lets the application hang up without a word, which ASGI has no message for."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CUT_THE_LINE: {"now": self.transport.abort}}


class Server(uvicorn.Server):
    """Says where it listens once it does, and stops when the process that started it is gone."""

    def __init__(self, config: uvicorn.Config, address: str, parent: int) -> None:
        super().__init__(config)
        self._address = address
        self._parent = parent

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._watch = asyncio.create_task(self._stop_when_orphaned())
        sys.stdout.write(f"Practice Stripe listening on {self._address}\n")
        sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._watch.cancel()
        await super().shutdown(sockets)

    async def _stop_when_orphaned(self) -> None:
        while os.getppid() == self._parent:  # noqa: ASYNC110 - the system tells nobody that a parent is gone
            await asyncio.sleep(PARENT_LOOK_SECONDS)
        self.should_exit = True


def configured(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=CuttableConnection,
        log_level="critical",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=1,
    )


def listen(host: str, port: int) -> tuple[socket.socket, str]:
    """An open socket (port 0 takes a free one) and its base address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family)
    shown = f"[{host}]" if ":" in host else host
    return listener, f"http://{shown}:{listener.getsockname()[1]}"


def run(app: Starlette, *, host: str = "127.0.0.1", port: int = 0, parent: int | None = None) -> None:
    """Serves until told to stop, or until the process `parent` (default: the present one) is no longer its parent."""
    listener, address = listen(host, port)
    with listener:
        Server(configured(app), address, parent or os.getppid()).run(sockets=[listener])


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serves in a thread on a free loopback port for as long as the block lasts; gives the base address."""
    listener, address = listen("127.0.0.1", 0)
    server = uvicorn.Server(configured(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("The practice Stripe did not start.")
            time.sleep(0.005)
        yield address
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m rft.fake_stripe",
        description="A practice Stripe: no money moves. Reads STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one and prints it")
    parser.add_argument("--database", type=Path, help="an SQLite file; without it everything is forgotten at the end")
    parser.add_argument("--webhook-url", help="where events are posted")
    parser.add_argument("--public-url", help="where browsers reach the pay page, if not where the API is called")
    parser.add_argument("--controls", action="store_true", help="serve the test controls under /_control")
    parser.add_argument(
        "--parent", type=int, help="end when this process is no longer the parent (default: the present one)"
    )
    chosen = parser.parse_args(arguments)
    try:
        app = create_app(
            database=chosen.database,
            secret_key=os.environ.get("STRIPE_SECRET_KEY", ""),
            webhook_secret=os.environ.get("STRIPE_WEBHOOK_SECRET", ""),
            webhook_url=chosen.webhook_url,
            public_url=chosen.public_url,
            controls=chosen.controls,
        )
        run(app, host=chosen.host, port=chosen.port, parent=chosen.parent)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"The practice Stripe cannot start: {error}\n")
        return 1
    return 0
