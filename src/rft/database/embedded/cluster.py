"""The database's files: made once beside their place and moved into it, their settings written anew at each start."""

import os
import secrets
import shutil
from pathlib import Path

from rft.database.embedded.account import Account
from rft.database.embedded.binaries import major_version
from rft.database.embedded.errors import EmbeddedServerError, explain_output

ROLE = "rft"
PORT = 5432  # no port is opened: it is only the number in the socket's name
FIRST_MAJOR_WITH_BUILTIN_LOCALE = 17
LOCALES = ("C.UTF-8", "C")  # the second is for systems that do not know the first
SETTINGS = """\
# Written by rft at each start of the server. Settings of your own go at the end of postgresql.conf.
listen_addresses = ''
port = {port}
unix_socket_directories = '{socket_folder}'
unix_socket_permissions = 0700
timezone = 'UTC'
log_timezone = 'UTC'
max_connections = 200
shared_buffers = 256MB
wal_compression = on
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
idle_in_transaction_session_timeout = 60s
client_connection_check_interval = 10s
# Errors are answered to the client, which reports them without the personal data that their details carry.
log_min_messages = log
log_checkpoints = off
"""


def cluster_of(home: Path) -> Path:
    return home / "cluster"


def initialise(home: Path, programs: Path, account: Account, *, durable: bool) -> None:
    """Makes the cluster. Half of one is never taken for a whole one: `remove_unfinished` takes it away."""
    for locale in LOCALES:
        unfinished = home / f"cluster.new-{secrets.token_hex(4)}"
        done = account.run([programs / "initdb", *_initdb_options(unfinished, programs, locale, durable=durable)])
        if done.returncode == 0:
            with (unfinished / "postgresql.conf").open("a") as settings:
                settings.write("\ninclude = 'rft.conf'\n")
                settings.flush()
                os.fsync(settings.fileno())
            unfinished.rename(cluster_of(home))
            return
        shutil.rmtree(unfinished, ignore_errors=True)
        if "locale" not in done.stdout:
            break
    raise explain_output("be set up", done.stdout, home)


def _initdb_options(folder: Path, programs: Path, locale: str, *, durable: bool) -> list[str]:
    options = [f"--pgdata={folder}", f"--username={ROLE}", "--encoding=UTF8", f"--locale={locale}"]
    # Whoever can open the socket, in a folder that is closed to everyone else, is trusted.
    options += ["--auth-local=trust", "--auth-host=reject"]
    if major_version(programs) >= FIRST_MAJOR_WITH_BUILTIN_LOCALE:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options if durable else [*options, "--no-sync"]


def require_same_version(home: Path, programs: Path) -> None:
    made_by = (cluster_of(home) / "PG_VERSION").read_text().strip()
    have = major_version(programs)
    if made_by != str(have):
        raise EmbeddedServerError(
            f"The database in {home} is PostgreSQL {made_by}'s, and the programs in {programs} are version {have}.",
            f"Set RFT_POSTGRES_BIN to the folder of a PostgreSQL {made_by}; to change version, back up with the old "
            "one and restore with the new one into another RFT_DATA_DIR.",
        )


def write_settings(home: Path, socket_folder: Path, account: Account, *, durable: bool) -> None:
    file = cluster_of(home) / "rft.conf"
    # Twice quoted: a list's item within a setting.
    quoted = f'"{socket_folder}"'.replace("\\", "\\\\").replace("'", "''")
    text = SETTINGS.format(port=PORT, socket_folder=quoted, durable="on" if durable else "off")
    file.unlink(missing_ok=True)
    file.write_text(text)
    account.own(file)


def remove_unfinished(home: Path) -> None:
    for leftover in home.glob("cluster.new-*"):
        # An initdb that outlived its rft may still be writing; then the rest goes at the next start.
        shutil.rmtree(leftover, ignore_errors=True)
