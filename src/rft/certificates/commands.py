"""`rft certificate`: verify one without any network, and look after the keys that certificates are signed with."""

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from rft.certificates.errors import Forged
from rft.certificates.keys import add_key, as_published, from_published, list_public_keys
from rft.certificates.rules import Claim, State, state_on
from rft.certificates.signing import is_token, read_pdf, read_token
from rft.database.location import located
from rft.database.pool import Database
from rft.kit.clock import london_today, utc_now
from rft.settings import Settings, SettingsError

certificate = typer.Typer(no_args_is_help=True)
key = typer.Typer(no_args_is_help=True)
certificate.add_typer(key, name="key", help="The keys that certificates are signed with.")
out = Console(highlight=False, soft_wrap=True)
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


@certificate.command()
def verify(
    what: Annotated[str, typer.Argument(help="A PDF file, a text file, or the text of a QR code.")],
    keys: Annotated[
        Path | None, typer.Option(help="The published list of keys; without it, this system's own.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Says whether it was signed by us and not changed by one byte; with --keys it needs neither network nor database.

    Exits 1 where it was not. A later revocation is known only to the public check page.
    """
    try:
        claim = _claim_in(what, _read_keys(keys) if keys else asyncio.run(_own_keys()))
    except Forged as refusal:
        if as_json:
            out.print_json(json.dumps({"genuine": False, "detail": refusal.detail}))
        else:
            out.print(f"[bold red]NOT GENUINE[/] {refusal.detail}")
        raise typer.Exit(1) from None
    _tell(claim, as_json=as_json)


@key.command("new")
def new_key() -> None:
    """Makes a key. Those before it sign nothing more; what they signed stays provable."""
    settings = Settings.from_environment()
    with located(settings) as url:
        key_id = asyncio.run(_add(settings, url))
    out.print(
        f"New certificates are signed with {key_id}. Its private half is under {settings.data_dir}/certificate-keys: keep a copy."
    )


@key.command("list")
def list_keys() -> None:
    """The published keys, the newest first."""
    for key_id in asyncio.run(_own_keys()):
        out.print(key_id)


@key.command()
def publish() -> None:
    """Prints the list that the site shows at /.well-known/rft-certificate-keys.json."""
    out.print_json(json.dumps(as_published(asyncio.run(_own_keys()))))


def _claim_in(what: str, keys: dict[str, bytes]) -> Claim:
    if is_token(what):
        return read_token(what, keys)
    try:
        data = Path(what).read_bytes()
    except PermissionError as cause:
        raise SettingsError(f"{what} cannot be read.", "Ask whoever owns the file, or copy it.") from cause
    except (OSError, ValueError):
        # No file at all, and no name that a file could have: the text of a code that was cut off, say.
        return read_token(what, keys)
    if data.startswith(b"%PDF-"):
        return read_pdf(data, keys)
    return read_token(data.decode("utf-8", "replace"), keys)


def _tell(claim: Claim, *, as_json: bool) -> None:
    state = _state(claim)
    if as_json:
        facts = {name: getattr(claim, name) for name in Claim.__slots__}
        out.print_json(json.dumps({"genuine": True, "state": state, **facts}))
        return
    colour = "green" if state == "valid" else "yellow"
    out.print(f"[bold {colour}]GENUINE, {state}[/] {claim.number}")
    said = (
        f"{claim.holder}: {claim.course}, {claim.hours} hours, completed {claim.completed}, valid until {claim.expires}"
    )
    out.print(escape(said))
    issued = f"Trainer {claim.trainer}, issued by {claim.issuer}. Not looked up: whether it was revoked since."
    out.print(escape(issued))


def _state(claim: Claim) -> State:
    return state_on(london_today(utc_now()), expires=date.fromisoformat(claim.expires), revoked=False, replaced=False)


def _read_keys(path: Path) -> dict[str, bytes]:
    try:
        return from_published(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as cause:
        raise SettingsError(
            f"{path} is no list of published keys.",
            "Fetch it from /.well-known/rft-certificate-keys.json of the issuer's site.",
        ) from cause


async def _own_keys() -> dict[str, bytes]:
    with located(Settings.from_environment()) as url:
        database = Database(url, size=1)
        await database.open()
        try:
            async with database.connection() as db:
                return await list_public_keys(db)
        finally:
            await database.close()


async def _add(settings: Settings, url: str) -> str:
    database = Database(url, size=1)
    await database.open()
    try:
        async with database.transaction() as db:
            return (await add_key(db, settings, now=utc_now())).key_id
    finally:
        await database.close()
