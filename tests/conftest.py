"""What every test may ask for: a real PostgreSQL, a migrated database of its own in it, and connections to that."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

from rft.database.pool import Database
from tests.clusters import Cluster, binaries_at_hand, major_version

# The rules must hold on every version that is supported; what stands on them is tested on one.
ON_EVERY_VERSION = ("tests/rules/", "tests/database/", "tests/races/")
# What takes longest, and what mostly waits, begins first: the rest goes on beside it, and no process ends alone with it.
FIRST = (
    "tests/journeys/test_every_page.py",
    "tests/journeys/",
    "tests/faults/",
    "tests/database/test_migrations.py",
    "tests/races/",
    "tests/features/payments/",
)

Db = psycopg.Connection[DictRow]
Connect = Callable[..., Db]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "one_version: dear, and the same on every version of PostgreSQL; run on the first only"
    )


def pytest_sessionstart(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or hasattr(session.config, "workerinput"):
        return
    majors = [str(major_version(folder)) for folder in binaries_at_hand()]
    rest = (
        "" if len(majors) > 1 else " (no other version, 15 or later, is installed: nothing is tested on a second one)"
    )
    reporter.write_line(f"PostgreSQL under test: {', '.join(majors)}{rest}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: [not item.nodeid.startswith(early) for early in FIRST])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadfile` in our order, with all journeys in one process: they share a demonstration and a browser."""
    from xdist.scheduler import LoadFileScheduling

    class ByFile(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "journeys" if nodeid.startswith("tests/journeys/") else super()._split_scope(nodeid)

    config.option.loadscopereorder = False
    return ByFile(config, log) if config.option.dist == "loadfile" else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    path = metafunc.definition.nodeid
    one = metafunc.definition.get_closest_marker("one_version") or "test_embedded" in path
    if "server" in metafunc.fixturenames and path.startswith(ON_EVERY_VERSION) and not one:
        folders = binaries_at_hand()
        metafunc.parametrize("server", folders, indirect=True, ids=[f"pg{major_version(folder)}" for folder in folders])


@pytest.fixture(scope="session")
def clusters() -> Iterator[Callable[..., Cluster]]:
    """The servers of this worker, each started when first asked for."""
    running: dict[Any, Cluster] = {}
    with ExitStack() as stack:

        def running_on(binaries: Any) -> Cluster:
            if binaries not in running:
                running[binaries] = Cluster(binaries)
                stack.callback(running[binaries].stop)
            return running[binaries]

        yield running_on


@pytest.fixture
def server(request: pytest.FixtureRequest, clusters: Callable[..., Cluster]) -> Cluster:
    return clusters(getattr(request, "param", binaries_at_hand()[0]))


@pytest.fixture
def template(server: Cluster) -> str:
    """The name of the migrated database that others are cloned from; nothing is ever written to it."""
    return server.template


@pytest.fixture
def database_url(server: Cluster, template: str) -> Iterator[str]:
    """A migrated database of the test's own."""
    name = server.make_database(template)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def empty_url(server: Cluster) -> Iterator[str]:
    """A database with nothing in it."""
    name = server.make_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def connect(database_url: str) -> Iterator[Connect]:
    """Opens further sessions on the test's database: `connect()`, or `connect(autocommit=False)`."""
    with ExitStack() as stack:

        def open_session(*, autocommit: bool = True, options: str = "-c timezone=UTC") -> Db:
            session = psycopg.connect(database_url, autocommit=autocommit, row_factory=dict_row, options=options)
            stack.callback(session.close)
            return session

        yield open_session


@pytest.fixture
def db(connect: Connect) -> Db:
    return connect()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The application's own pool on the test's database."""
    opened = Database(database_url)
    await opened.open()
    yield opened
    await opened.close()
