"""`rft admin`: the first person of the office, and tokens for its programs."""

import asyncio
import secrets
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from rft.accounts import second_factor, service, tokens
from rft.accounts.rules import plain_email
from rft.database.location import located
from rft.database.pool import Database
from rft.errors import Refusal
from rft.kit.clock import utc_now
from rft.kit.passwords import Passwords
from rft.settings import Settings

admin = typer.Typer(no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)
T = TypeVar("T")
Email = Annotated[str, typer.Argument(help="The account's e-mail address.")]
Label = Annotated[str, typer.Option(help="What the token is for; it is ended by this name.")]


@admin.command()
def create(
    email: Email,
    name: Annotated[str, typer.Option(help="First and last name.")] = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Makes an admin. Asks for the password; where nobody watches, makes one up and prints it."""
    password, is_made_up = _password(from_input=password_stdin)
    user = _run(lambda database: service.create_admin(database, Passwords(), email=email, password=password, name=name))
    out.print(f"{user.email} is an admin and can sign in.")
    if is_made_up:
        out.print(f"Password: {password}")


@admin.command()
def token(email: Email, label: Label = "command line") -> None:
    """Prints an API token of an admin or instructor: once, since only its hash is kept."""
    out.print(_run(lambda database: tokens.issue_api_token(database, email=email, label=label, now=utc_now())))


@admin.command()
def revoke(email: Email, label: Label = "command line") -> None:
    """Ends an account's API tokens of a label at once."""
    ended = _run(lambda database: tokens.revoke_api_token(database, email=email, label=label, now=utc_now()))
    out.print(f"Ended: {ended}.")


@admin.command("forget-second-factor")
def forget_second_factor(email: Email) -> None:
    """For somebody who has lost telephone and recovery codes: the next sign-in sets up a new one. Be sure who asks."""

    async def forget(database: Database) -> str:
        async with database.transaction() as db:
            return (await second_factor.forget_second_factor(db, plain_email(email))).email

    out.print(f"{_run(forget)} has no second factor any more, and is signed out everywhere.")


def _password(*, from_input: bool) -> tuple[str, bool]:
    """The password, and whether it was made up here."""
    if from_input:
        return sys.stdin.readline().rstrip("\r\n"), False
    if sys.stdin.isatty():
        return typer.prompt("Password (12 characters or more)", hide_input=True, confirmation_prompt=True), False
    return secrets.token_urlsafe(18), True


def _run(work: Callable[[Database], Awaitable[T]]) -> T:
    """The work on the database that the settings name; a refusal is one line and exit code 1."""

    async def run(url: str) -> T:
        database = Database(url, size=1)
        await database.open()
        try:
            return await work(database)
        finally:
            await database.close()

    with located(Settings.from_environment()) as url:
        try:
            return asyncio.run(run(url))
        except Refusal as refusal:
            Console(stderr=True, highlight=False).print(f"[bold red]rft:[/] {refusal.detail}", soft_wrap=True)
            raise typer.Exit(1) from refusal
