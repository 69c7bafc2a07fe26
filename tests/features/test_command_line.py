"""What `rft` says where something is wrong: one line and a hint, never a traceback, and an exit code that scripts see."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psycopg
import pytest

from rft import cli

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
NOBODY = "postgresql://dev@127.0.0.1:1/rft"


@pytest.mark.parametrize(
    ("url", "arguments", "sentence"),
    [
        (NOBODY, ["audit"], "The database cannot be reached"),
        (NOBODY, ["db", "current"], "The database cannot be reached"),
        ("nonsense", ["audit"], "The database cannot be reached"),
    ],
)
def test_a_database_that_is_not_there_is_one_line_and_a_hint(
    url: str, arguments: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = fails(url, arguments, monkeypatch, capsys)
    assert sentence in said
    assert "DATABASE_URL" in said


@pytest.mark.parametrize(
    "text", [None, "", "no JSON", "\udcff", "5", '[{"x": 1}]', '[{"user_id": "one", "reason": "asked"}]']
)
def test_what_is_no_list_of_the_erased_is_named(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "erased.json"
    if text is not None:
        file.write_bytes(text.encode(errors="surrogateescape"))
    assert "is no list of people who were erased" in fails(
        NOBODY, ["privacy", "replay", str(file)], monkeypatch, capsys
    )


def test_a_revision_that_does_not_exist_is_named(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "'nosuch'" in fails(database_url, ["db", "upgrade", "nosuch"], monkeypatch, capsys)


def test_a_database_without_tables_asks_for_its_migrations(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
    assert "rft db upgrade" in fails(database_url, ["audit"], monkeypatch, capsys)


def test_a_hint_is_given_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("RFT_DATA_DIR", os.devnull)
    assert fails("", ["audit"], monkeypatch, capsys).count("Move the file") == 1


def test_a_demonstration_that_can_keep_nothing_says_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RFT_DEMO", "1")  # the command sets both, and they are to be forgotten with the test
    monkeypatch.setenv("RFT_BASE_URL", "http://127.0.0.1:8000")
    monkeypatch.setenv("RFT_DATA_DIR", os.devnull)
    assert os.devnull in fails("", ["demo", "--port", str(free_port())], monkeypatch, capsys)


def test_web_processes_end_with_the_one_that_started_them(database_url: str) -> None:
    port = free_port()
    environment = os.environ | {"DATABASE_URL": database_url, "RFT_SECRET_KEY": SECRET}
    command = [sys.executable, "-m", "rft", "serve", "--port", str(port), "--workers", "2", "--no-jobs"]
    server = subprocess.Popen(command, env=environment)
    wait_until(port, answers=True)
    server.send_signal(signal.SIGKILL)
    server.wait()
    wait_until(port, answers=False)


def fails(url: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("RFT_SECRET_KEY", SECRET)
    monkeypatch.setattr(sys, "argv", ["rft", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 2
    return said


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(port: int, *, answers: bool) -> None:
    for _ in range(300):
        answered = False
        with suppress(httpx.TransportError):
            answered = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2).is_success
        if answered is answers:
            return
        time.sleep(0.1)
    pytest.fail(f"after 30 seconds it still {'does not answer' if answers else 'answers'}")
