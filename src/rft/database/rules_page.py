"""Writes docs/rules.md from the rules themselves: `python -m rft.database.rules_page docs/rules.md`."""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

import rft
from rft.database.audit import list_invariants
from rft.database.constraints import FIELDS
from rft.database.rules import FOLDER
from rft.database.translate import register
from rft.errors import Refusal

_REFUSES = re.compile(r"\brefuse\('(\w+)'")
_VERSIONED = re.compile(r"(?P<rule>\w+)\.v(?P<version>\d+)\.sql")

_OPENING = """\
# The rules

Written by `python -m rft.database.rules_page docs/rules.md` from the SQL files, the refusals and the audit; a test holds it
against them. The database refuses, for every client, under the name given here; the same name is the `code` of the answer over
HTTP. The application asks first, for a kind answer.
"""


def import_refusals() -> dict[str, type[Refusal]]:
    """Every constraint name that has a refusal class, of every feature that has an errors.py."""
    for feature in pkgutil.iter_modules(rft.__path__, "rft."):
        if feature.ispkg and find_spec(f"{feature.name}.errors"):
            importlib.import_module(f"{feature.name}.errors")
    return register()


def newest_rules() -> dict[str, str]:
    """Rule → the text of its newest version, the document's five first."""
    versions: dict[str, tuple[int, str]] = {}
    for path in FOLDER.glob("*.sql"):
        named = _VERSIONED.fullmatch(path.name)
        assert named is not None, f"{path.name} is not <rule>.v<n>.sql"
        versions[named["rule"]] = max(
            versions.get(named["rule"], (0, "")), (int(named["version"]), path.read_text("utf-8"))
        )
    texts = {rule: text for rule, (_, text) in versions.items()}
    return dict(sorted(texts.items(), key=lambda item: (not item[1].startswith("-- Rule"), item[1])))


def names_refused(text: str) -> list[str]:
    """The names that a rule's SQL refuses by, in their order there."""
    return list(dict.fromkeys(_REFUSES.findall(text)))


def render() -> str:
    refusals = import_refusals()
    described: set[str] = set()
    parts = [_OPENING]
    for rule, text in newest_rules().items():
        names = [name for name in dict.fromkeys([rule, *names_refused(text)]) if name in refusals]
        described.update(names)
        parts.append(f"## {rule}\n\n{_introduction(text)}")
        if names:
            parts.append(_table(("name", "answer", "sentence"), (_answer(name, refusals[name]) for name in names)))
    others = sorted(refusals.keys() - described)
    parts.append("## Constraints that are refused like a rule\n")
    parts.append(_table(("name", "answer", "sentence"), (_answer(name, refusals[name]) for name in others)))
    parts.append("## Plain constraints\n\nAnswered with 422 and the sentence beside the field.\n")
    parts.append(
        _table(("name", "field", "sentence"), ((f"`{name}`", field, said) for name, (field, said) in FIELDS.items()))
    )
    parts.append(
        "## What the audit looks for\n\n`rft audit` runs these in one snapshot. A row of any of them is a fault.\n"
    )
    parts.append(
        _table(("id", "a row means"), ((kept.id, kept.title + _lasting(kept.alarm)) for kept in list_invariants()))
    )
    return "\n".join(parts)


def _introduction(text: str) -> str:
    """The comment that a rule's file opens with, as paragraphs; its indented lines are the items of a list."""
    paragraphs = [""]
    for line in _comment_lines(text):
        begins_a_list = line.startswith("   ") and paragraphs[-1].endswith(":")
        goes_on_with_it = paragraphs[-1].startswith("-") and paragraphs[-1].endswith(";")
        if not line.strip():
            paragraphs.append("")
        elif begins_a_list or goes_on_with_it:
            paragraphs.append("- " + line.strip())
        else:
            paragraphs[-1] = f"{paragraphs[-1]} {line.strip()}".strip()
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def _comment_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not line.startswith("--"):
            return
        yield line.removeprefix("--")


def _answer(name: str, kind: type[Refusal]) -> tuple[str, str, str]:
    return f"`{name}`", f"{kind.status} {kind.__name__}", kind.sentence


def _lasting(alarm: bool) -> str:
    return " *(an alarm: may be so for some minutes)*" if alarm else ""


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main(arguments: list[str]) -> None:
    Path(arguments[0]).write_text(render(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
