"""Bank statements as files: what any of them comes to, whichever way it is written, and how a line is known again."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rft.receivables.errors import StatementNotValid

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 20_000
# A file with thousands of wrong rows is told of by its first ones.
_MOST_TOLD = 20
_LONGEST_TEXT = 500
_AMOUNT = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class StatementLine:
    """`amount` is below nothing where money went out. `description` is all the text but the counterparty's name."""

    booked_on: date
    amount: Decimal
    counterparty: str
    description: str
    account: str = ""

    @property
    def content_hash(self) -> bytes:
        said = (self.account, self.booked_on.isoformat(), f"{self.amount:.2f}", self.counterparty, self.description)
        return hashlib.sha256("\x1f".join(said).encode()).digest()


@dataclass(frozen=True, slots=True)
class Statement:
    format: str
    lines: list[StatementLine]


def numbered(lines: Sequence[StatementLine]) -> Iterator[tuple[StatementLine, bytes, int]]:
    """Each line with its hash and which one it is, from 1, among those of the file that say the same."""
    seen: Counter[bytes] = Counter()
    for line in lines:
        digest = line.content_hash
        seen[digest] += 1
        yield line, digest, seen[digest]


def require_readable(wrong: Sequence[str], lines: Sequence[StatementLine]) -> None:
    """Raises StatementNotValid where a row is wrong, and where there are none or too many: all of it is read, or nothing."""
    if wrong:
        rows = "1 row" if len(wrong) == 1 else f"{len(wrong)} rows"
        raise StatementNotValid(f"{rows} cannot be read. Nothing was imported.", wrong[:_MOST_TOLD])
    if not lines:
        raise StatementNotValid("There is no line in this statement.")
    if len(lines) > MOST_LINES:
        raise StatementNotValid(f"This statement has more than {MOST_LINES:,} lines. Please import it in parts.")


def read_amount(text: str) -> Decimal:
    """From `1,234.50`, `£1,234.50`, `-12.00`, `12.00-` or `(12.00)`. Raises ValueError with a sentence's end."""
    plain = text.replace("£", "").replace(",", "").replace("\u2212", "-").replace(" ", "").replace("\xa0", "")
    below = plain.startswith(("-", "(")) or plain.endswith("-")
    figures = plain.strip("+-()")
    if not _AMOUNT.fullmatch(figures):
        raise ValueError(f"“{text[:40]}” is not an amount of money")
    amount = Decimal(figures).quantize(Decimal("0.01"))
    return -amount if below else amount


def clean_text(text: str) -> str:
    """One line without control characters, not longer than is kept."""
    visible = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return " ".join(unicodedata.normalize("NFC", visible).split())[:_LONGEST_TEXT]
