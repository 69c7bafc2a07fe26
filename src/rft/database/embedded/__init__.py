"""A real PostgreSQL for a machine that has none: started, shared by rft's processes, stopped by the last."""

from rft.database.embedded.binaries import find_binaries
from rft.database.embedded.errors import EmbeddedServerError
from rft.database.embedded.server import EmbeddedServer, ensure_running

__all__ = ["EmbeddedServer", "EmbeddedServerError", "ensure_running", "find_binaries"]
