"""Starts uvicorn on an address that is free, and says so in one line where it is not."""

import os
import signal
import socket
from multiprocessing import parent_process
from threading import Thread

import uvicorn

from rft.settings import SettingsError


def require_free(host: str, port: int) -> None:
    """Raises SettingsError where something listens there already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as cause:
            raise SettingsError(
                f"{host}:{port} cannot be listened on: {cause.strerror}.", "Choose another with --port (or PORT=)."
            ) from cause


def leave_with_parent() -> None:
    """Called in a web process: where the process that started it is killed, it ends too, and gives the port back."""
    parent = parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=wait, name="leave-with-parent", daemon=True).start()


def serve_here(host: str, port: int, workers: int) -> None:
    """Serves until it is told to stop; requests in flight are given ten seconds."""
    require_free(host, port)
    uvicorn.run(
        "rft.app:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
        limit_concurrency=1000,
        # On a machine that has much else to do, a web process may take long to start: it is not to be killed for that.
        timeout_worker_healthcheck=60,
    )
