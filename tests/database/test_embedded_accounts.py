"""Whose the embedded PostgreSQL is: never root's, at home for an ordinary user, and no folder is opened for it."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rft.database.embedded import ensure_running, postmaster

BINARIES = Path(os.environ["RFT_POSTGRES_BIN"]) if "RFT_POSTGRES_BIN" in os.environ else None
NOBODY = pwd.getpwnam("nobody")
ONE_RUN = """
import os, sys
from pathlib import Path
import psycopg
from rft.database.embedded import ensure_running
binaries = os.environ.get("RFT_POSTGRES_BIN")
with ensure_running(Path(sys.argv[1]), binaries=binaries and Path(binaries), durable=False) as server:
    with psycopg.connect(server.url) as connection:
        print(os.getuid(), connection.execute("select current_user").fetchone()[0])
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every account may pass through, unlike pytest's own."""
    place = Path(tempfile.mkdtemp(prefix="rft-accounts-"))
    place.chmod(0o755)
    yield place
    if (place / "data" / "postgresql" / "cluster").exists():
        postmaster.stop(place / "data" / "postgresql")
    shutil.rmtree(place)


def without_namespaces(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What root finds in most containers: `unshare` is refused."""
    (place / "bin").mkdir()
    (place / "bin" / "unshare").write_text("#!/bin/sh\nexit 1\n")
    (place / "bin" / "unshare").chmod(0o755)
    monkeypatch.setenv("PATH", str(place / "bin"), prepend=os.pathsep)


def as_it_comes(place: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    return os.geteuid()


def in_a_container(place: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    without_namespaces(place, monkeypatch)
    return NOBODY.pw_uid


def in_a_container_below_a_closed_folder(place: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    without_namespaces(place, monkeypatch)
    place.chmod(0o700)
    return NOBODY.pw_uid


def in_the_folder_of_an_ordinary_user(place: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    (place / "data" / "postgresql").mkdir(parents=True)
    os.chown(place / "data" / "postgresql", 1000, 1000)
    return 1000


# Only root can become someone else; to anyone else the first case is the whole story.
CIRCUMSTANCES = [as_it_comes] + (
    [in_a_container, in_a_container_below_a_closed_folder, in_the_folder_of_an_ordinary_user]
    if os.geteuid() == 0
    else []
)


@pytest.mark.parametrize("circumstance", CIRCUMSTANCES)
def test_the_files_are_their_folders_owners_and_no_folder_is_opened(
    place: Path, monkeypatch: pytest.MonkeyPatch, circumstance: Callable[[Path, pytest.MonkeyPatch], int]
) -> None:
    owner = circumstance(place, monkeypatch)
    mode = place.stat().st_mode
    for _ in range(2):
        with ensure_running(place / "data", binaries=BINARIES, durable=False):
            home = place / "data" / "postgresql"
            assert {path.lstat().st_uid for path in (home, *home.rglob("*"))} == {owner}
    assert place.stat().st_mode == mode


def ordinary_user(place: Path) -> list[str]:
    """A command line's beginning that runs Python as another account than root, one that has our modules."""
    if os.geteuid() != 0:
        return [sys.executable]
    nobody = ["setpriv", f"--reuid={NOBODY.pw_uid}", f"--regid={NOBODY.pw_gid}", "--clear-groups"]
    in_a_namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    for prefix, owner in ((nobody, NOBODY.pw_uid), (in_a_namespace, 0)):
        for python in (sys.executable, "/usr/bin/python3"):
            command = [*prefix, python]
            if subprocess.run([*command, "-c", "import psycopg"], capture_output=True, check=False).returncode == 0:
                os.chown(place, owner, -1)
                return command
    raise AssertionError("no account but root can run Python here")


def test_an_ordinary_user_needs_no_root(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    command = [*ordinary_user(place), "-c", ONE_RUN, place / "data"]
    uid, role = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd="/").stdout.split()
    assert uid != "0"
    assert role == "rft"
