"""Starts uvicorn on an address that is free, and says so in one line where it is not."""

import socket

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
    )
