"""The embedded PostgreSQL's life: made, joined, shared, killed, moved, and mended without anyone's help."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine

from rft.database.embedded import EmbeddedServer, EmbeddedServerError, ensure_running, postmaster
from rft.database.embedded.locks import is_locked

BINARIES = Path(os.environ["RFT_POSTGRES_BIN"]) if "RFT_POSTGRES_BIN" in os.environ else None
ANOTHER_RFT = """
import os, sys
from pathlib import Path
from rft.database.embedded import ensure_running
binaries = os.environ.get("RFT_POSTGRES_BIN")
with ensure_running(Path(sys.argv[1]), binaries=binaries and Path(binaries), durable=False) as server:
    print(server.pid, server.url, flush=True)
    sys.stdin.read()
"""


def start(folder: Path, *, durable: bool = False) -> EmbeddedServer:
    return ensure_running(folder, binaries=BINARIES, durable=durable)


def ask(server: EmbeddedServer, question: str) -> object:
    with psycopg.connect(server.url, autocommit=True) as connection:
        answer = connection.execute(question)
        return answer.fetchone()[0] if answer.description else None


def is_running(folder: Path) -> bool:
    return is_locked(postmaster.alive_lock(folder / "postgresql"))


@contextmanager
def another_rft(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own that holds the server until its standard input ends."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", ANOTHER_RFT, folder]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process


def pid_given_to(process: subprocess.Popen[str]) -> int:
    return int(process.stdout.readline().split()[0])


def end(folder: Path) -> None:
    """Stops whatever a test left running there."""
    if (folder / "postgresql" / "cluster").exists():
        postmaster.stop(folder / "postgresql")


@contextmanager
def moved(folder: Path, name: str) -> Iterator[Path]:
    elsewhere = folder.rename(folder.with_name(name))
    try:
        yield elsewhere
    finally:
        end(elsewhere)
        elsewhere.rename(folder)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder with a short name, since a socket's path is short."""
    place = Path(tempfile.mkdtemp(prefix="rft-", dir="/tmp"))
    yield place
    end(place / "data")
    shutil.rmtree(place)


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rft-", dir="/tmp") as place:
        folder = Path(place) / "data"
        start(folder).release()
        yield folder


@pytest.fixture
def empty(place: Path) -> Path:
    return place / "data"


@pytest.fixture
def folder(made: Path, place: Path) -> Iterator[Path]:
    """A database that was used elsewhere, by the tests before this one, and moved here; making one takes a second."""
    here = made.rename(place / "data")
    yield here
    end(here)
    here.rename(made)


def test_an_empty_folder_becomes_a_database_pinned_to_utc_whatever_the_environment(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile = {"LC_ALL": "xx_XX", "LANG": "xx_XX", "PGDATA": "/nowhere", "PGPORT": "1", "PGUSER": "dev", "PGHOST": "x"}
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)
    with start(empty) as server:
        assert ask(server, "select current_database() || ' ' || current_user") == "rft rft"
        assert ask(server, "show timezone") == "UTC"
        assert ask(server, "select setting || ' by ' || source from pg_settings where name = 'TimeZone'") == (
            "UTC by database"
        )
        assert ask(server, "show server_encoding") == "UTF8"
        assert ask(server, "show listen_addresses") == ""


def test_sqlalchemy_and_pgbench_take_the_address(folder: Path) -> None:
    with start(folder) as server:
        engine = create_engine(server.url.replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect() as connection:
            assert connection.exec_driver_sql("select current_database()").scalar() == "rft"
        engine.dispose()
        subprocess.run([server.binaries / "pgbench", "--initialize", "--quiet", server.url], check=True)
        assert ask(server, "select count(*) from pgbench_accounts") == 100_000


def test_a_second_process_joins_the_server_of_the_first(folder: Path) -> None:
    with start(folder) as ours, another_rft(folder) as theirs:
        assert pid_given_to(theirs) == ours.pid


def test_the_last_one_out_stops_the_server(folder: Path) -> None:
    with another_rft(folder) as theirs:
        ours = start(folder)
        assert pid_given_to(theirs) == ours.pid
        theirs.communicate()
        assert ask(ours, "select 1") == 1
        ours.release()
        ours.release()
        assert not is_running(folder)


def test_a_forked_child_does_not_end_what_its_parent_uses(folder: Path) -> None:
    with start(folder) as server:
        child = os.fork()
        if child == 0:
            server.release()
            os._exit(0)
        os.waitpid(child, 0)
        assert ask(server, "select 1") == 1


def test_a_killed_rft_leaves_a_server_that_the_next_one_takes_over(folder: Path) -> None:
    with another_rft(folder) as killed:
        pid = pid_given_to(killed)
        killed.kill()
    with start(folder) as server:
        assert server.pid == pid
    assert not is_running(folder)


def test_a_killed_postmaster_loses_nothing_that_was_committed(folder: Path) -> None:
    with start(folder, durable=True) as before:
        ask(before, "create table attendees as select 'Amina' as name")
        os.kill(before.pid, signal.SIGKILL)
        with start(folder) as after:
            assert after.pid != before.pid
            assert ask(after, "select name from attendees") == "Amina"


def test_a_killed_postmaster_with_a_busy_worker_is_waited_for(folder: Path) -> None:
    with start(folder) as before, closing(psycopg.connect(before.url)) as busy:
        busy.pgconn.send_query(b"select count(*) from generate_series(1, 3000000)")
        os.kill(before.pid, signal.SIGKILL)
        with start(folder) as after:
            assert ask(after, "select 1") == 1


def test_after_an_interrupted_setting_up_two_racing_processes_share_one_server(empty: Path) -> None:
    with another_rft(empty) as killed:
        while not list(empty.glob("postgresql/cluster.new-*/base")):
            time.sleep(0.01)
        killed.kill()
    with another_rft(empty) as first, another_rft(empty) as second:
        assert pid_given_to(first) == pid_given_to(second)


def test_what_an_interrupted_setting_up_left_is_swept_away(folder: Path) -> None:
    half_made = folder / "postgresql" / "cluster.new-half"
    half_made.mkdir()
    start(folder).release()
    assert not half_made.exists()


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle(folder: Path) -> None:
    home = folder / "postgresql"
    (home / "cluster" / "postmaster.pid").write_text(
        f"{os.getpid()}\n{home / 'cluster'}\n0\n5432\n{home / 'socket'}\n\n0 0\nready\n"
    )
    with start(folder) as server:
        assert ask(server, "select 1") == 1
        assert server.pid != os.getpid()


def test_a_stale_socket_and_its_lock_are_no_obstacle(folder: Path) -> None:
    sockets = folder / "postgresql" / "socket"
    sockets.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(sockets / ".s.PGSQL.5432"))
    (sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    with start(folder) as server:
        assert ask(server, "select 1") == 1


def test_a_folder_can_be_moved_between_runs(folder: Path) -> None:
    with start(folder) as server:
        ask(server, "create table moved_attendees as select 'Amina' as name")
    with moved(folder, "elsewhere") as elsewhere, start(elsewhere) as server:
        assert ask(server, "select name from moved_attendees") == "Amina"
        assert "/elsewhere/" in server.url


@pytest.mark.parametrize("name", ["long" * 30, "commas, 'quotes' and £"])
def test_a_path_that_no_socket_can_have_is_gone_round(folder: Path, name: str) -> None:
    with moved(folder, name) as elsewhere:
        with start(elsewhere) as server, another_rft(elsewhere) as theirs:
            assert pid_given_to(theirs) == server.pid
            temporary = Path(str(ask(server, "show unix_socket_directories")).strip('"'))
            assert temporary.stat().st_mode & 0o777 == 0o700
        assert not temporary.exists()


def test_a_socket_that_cannot_be_bound_is_put_elsewhere(folder: Path) -> None:
    sockets = folder / "postgresql" / "socket"
    shutil.rmtree(sockets, ignore_errors=True)
    (sockets / ".s.PGSQL.5432" / "in the way").mkdir(parents=True)
    with start(folder) as server:
        assert ask(server, "select 1") == 1
        assert "rft-socket-" in server.url
    shutil.rmtree(sockets)


def test_settings_that_keep_it_from_starting_are_quoted(folder: Path) -> None:
    settings = folder / "postgresql" / "cluster" / "postgresql.conf"
    good = settings.read_text()
    settings.write_text(good + "work_mem = 'plenty'\n")
    with pytest.raises(EmbeddedServerError, match=r"would not start: .*work_mem") as refused:
        start(folder)
    assert "server.log" in refused.value.hint
    settings.write_text(good)
