"""`rft admin`, and what a password must be."""

from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from rft.accounts.commands import admin
from rft.accounts.errors import PasswordTooWeak
from rft.accounts.rules import require_strong
from rft.kit.passwords import UNUSABLE, Passwords, hash_password_now
from rft.kit.references import hash_token
from tests.builders import Db
from tests.cast import amina, carol
from tests.features.browser import PASSWORD

Run = Callable[..., Result]
ADMINS = "select email, first_name, last_name, role from users where role = 'admin' and is_active"


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("RFT_SECRET_KEY", "0123456789abcdefghijklmnopqrstuvwxyz")
    runner = CliRunner()
    return lambda *arguments, **options: runner.invoke(admin, arguments, **options)


def test_an_admin_is_made_with_a_password_from_standard_input(run: Run, db: Db) -> None:
    result = run("create", "Carol@Example.com", "--name", "Carol Hughes", "--password-stdin", input=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    row = db.execute(ADMINS).fetchone()
    assert row == {"email": "carol@example.com", "first_name": "Carol", "last_name": "Hughes", "role": "admin"}
    assert PASSWORD not in result.output


def test_where_nobody_watches_a_password_is_made_up_and_printed_once(run: Run, db: Db) -> None:
    result = run("create", "carol@example.com")
    password = result.output.split("Password: ")[1].strip()
    row = db.execute("select password_hash from users where email = 'carol@example.com'").fetchone()
    assert row
    assert len(password) == 24
    assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize(
    ("arguments", "typed", "sentence"),
    [
        (("carol@example.com", "--password-stdin"), "short\n", "at least 12 characters"),
        (("carol", "--password-stdin"), f"{PASSWORD}\n", "in the form name@example.com"),
        (("amina@example.com", "--password-stdin"), f"{PASSWORD}\n", "already an account"),
    ],
)
def test_a_refusal_is_one_line_and_exit_code_one(
    run, db: Db, arguments: tuple[str, ...], typed: str, sentence: str
) -> None:
    amina(db, email="Amina@example.com")
    result = run("create", *arguments, input=typed)
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output


def test_a_token_is_printed_once_and_its_hash_kept(run: Run, db: Db) -> None:
    carol(db)
    token = run("token", "carol@example.com", "--label", "till").output.strip()
    row = db.execute("select token_hash, label, revoked_at from api_tokens").fetchone()
    assert row == {"token_hash": hash_token(token), "label": "till", "revoked_at": None}


def test_a_customer_is_given_no_token(run: Run, db: Db) -> None:
    amina(db)
    assert run("token", "amina@example.com").exit_code == 1
    assert db.execute("select 1 from api_tokens").fetchone() is None


def test_a_token_is_ended_by_its_label(run: Run, db: Db) -> None:
    carol(db)
    run("token", "carol@example.com", "--label", "till")
    assert "Ended: 1." in run("revoke", "carol@example.com", "--label", "till").output
    assert run("revoke", "carol@example.com", "--label", "till").exit_code == 1


@pytest.mark.parametrize(
    "password",
    ["short", "elevenchars", "x" * 257, "carol@example.com", "Carol@Example.COM ", "password1234", "PasswordPassword",
     "aaaaaaaaaaaaaa", "121212121212", "correct horse battery staple"],
)  # fmt: skip
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(PasswordTooWeak) as refused:
        require_strong(password, "carol@example.com")
    assert refused.value.errors["password"] == refused.value.detail


@pytest.mark.parametrize("password", [PASSWORD, "twelve chars", "пароль из слов", "k7 wq9 zlp" * 25])
def test_a_long_password_of_any_characters_will_do(password: str) -> None:
    require_strong(password, "carol@example.com")


async def test_no_password_fits_an_unusable_hash() -> None:
    passwords = Passwords()
    assert not await passwords.is_right("!", UNUSABLE)
    assert not await passwords.is_right(PASSWORD, None)
    assert await passwords.is_right(PASSWORD, hash_password_now(PASSWORD))


async def test_a_password_too_long_to_have_been_chosen_is_wrong_however_it_begins() -> None:
    assert not await Passwords().is_right("x1y2z3" * 43, hash_password_now(("x1y2z3" * 43)[:256]))
