"""Moves a database between revisions: one process at a time, each migration a transaction, never queueing long behind a reader."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from rft.database import revisions

# An arbitrary number that only migrations lock on.
_ADVISORY_LOCK = 7300
# A migration that waits for a table lock makes every reader behind it wait too: give up early instead, and say so.
_LOCK_TIMEOUT = "5s"


def configuration() -> Config:
    """Alembic's configuration; the folder of migrations is found from this file, so that it works installed too."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Runs what is pending up to the revision. Ten processes at once do it once: the others wait and find it done."""
    with _locked(url) as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(url: str, revision: str) -> None:
    """Runs the ways back down to the revision (`base`: to nothing)."""
    with _locked(url) as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def current(url: str) -> str | None:
    """The revision the database stands at; None where nothing has been run."""
    with _connected(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def pending(url: str) -> list[str]:
    """The revisions that an upgrade would run, oldest first."""
    script = ScriptDirectory.from_config(configuration())
    here = current(url)
    if here == revisions.newest():
        return []
    return [step.revision for step in script.iterate_revisions("head", here or "base")][::-1]


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    # psycopg is given the URL itself: libpq's forms (several hosts, a socket's folder) are not all SQLAlchemy's.
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url, options="-c timezone=UTC"), poolclass=NullPool
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _locked(url: str) -> Iterator[Connection]:
    with _connected(url) as connection:
        connection.exec_driver_sql(f"select pg_advisory_lock({_ADVISORY_LOCK})")
        connection.exec_driver_sql(f"set lock_timeout = '{_LOCK_TIMEOUT}'")
        connection.commit()
        try:
            yield connection
            connection.commit()
        finally:
            connection.rollback()
            connection.exec_driver_sql(f"select pg_advisory_unlock({_ADVISORY_LOCK})")
            connection.commit()
