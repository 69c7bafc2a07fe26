"""`rft evidence verify`: whether a pack is as it was made, without any network."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from rft.certificates.keys import from_published
from rft.evidence.errors import PackBroken
from rft.evidence.manifest import read_pack
from rft.settings import SettingsError

evidence = typer.Typer(no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True)


@evidence.callback()
def about() -> None:
    """The packs of papers that prove a course."""


@evidence.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The pack, a ZIP file.")],
    keys: Annotated[
        Path, typer.Option(help="The list of keys, from /.well-known/rft-certificate-keys.json of the site.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Says whether each file is there as it was when we signed the pack. Needs neither network nor database; exits 1 where not."""
    try:
        verified = read_pack(_read(file), from_published(json.loads(_read(keys))))
    except ValueError as cause:
        raise SettingsError(f"{keys} is no list of published keys.", "Fetch it from the issuer's site.") from cause
    except PackBroken as refusal:
        if as_json:
            out.print_json(json.dumps({"genuine": False, "detail": refusal.detail}))
        else:
            out.print(f"[bold red]NOT GENUINE[/] {escape(refusal.detail)}")
        raise typer.Exit(1) from None
    if as_json:
        out.print_json(json.dumps({"genuine": True, "course": verified.course, "made_at": verified.made_at,
                                   "key_id": verified.key_id, "files": verified.files}))  # fmt: skip
        return
    out.print(f"[bold green]GENUINE[/] {escape(verified.course)}: {len(verified.files)} files, made {verified.made_at}")
    for name in verified.files:
        out.print(f"  {escape(name)}")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as cause:
        raise SettingsError(f"{path} cannot be read.", "Give the path of a file.") from cause
