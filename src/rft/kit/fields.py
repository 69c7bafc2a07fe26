"""Field types of forms and requests: text that is one clean line, e-mail addresses, money, days, times with an
offset, row ids."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from rft.kit.clock import from_iso

LARGEST_ID = 2**31 - 1


class Asked(BaseModel):
    """What is asked for: unknown fields are refused, so that nobody believes to have set what the server works out."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# Plain addresses, nearly all there are: letters, digits and a few signs, no dot at an end or beside another. Not under .invalid:
# those belong to nobody, and one of them is the system's own account.
_PLAIN_EMAIL = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!invalid$)[a-z]{2,63}"
)
_LONGEST_LOCAL_PART = 64
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_email(text: str) -> str:
    """The address as it is stored. Raises ValueError with a sentence for the person; whether mail arrives there, only mail can tell."""
    if _PLAIN_EMAIL.fullmatch(text) and text.index("@") <= _LONGEST_LOCAL_PART:
        return text
    try:
        return validate_email(text, check_deliverability=False, test_environment=True, strict=True).normalized
    except EmailNotValidError as cause:
        raise ValueError("Enter an e-mail address in the form name@example.com.") from cause


def _clean(text: str) -> str:
    """One form of each character, nothing invisible that could pass for something else or break out of a mail's header."""
    text = unicodedata.normalize("NFC", text)
    if any(unicodedata.category(letter) in _INVISIBLE and letter != _JOINER for letter in text):
        raise ValueError("Please leave out invisible or control characters.")
    return text


def _clean_text(text: str) -> str:
    """The same for text of several lines."""
    return "\n".join(_clean(line) for line in text.replace("\r\n", "\n").replace("\t", " ").split("\n"))


# Control, format, surrogate, private, unassigned characters and separators of lines and paragraphs; the joiner is part of emoji.
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_JOINER = "\u200d"


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_clean)]
Email = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=254), AfterValidator(read_email)
]
Name = Annotated[Line, Field(max_length=100)]
Code = Annotated[Line, Field(max_length=50)]
RowId = Annotated[int, Field(strict=True, ge=1, le=LARGEST_ID)]


def _money(value: Any) -> Decimal:
    """From text such as `100.00` (or an integer): never from a float, never rounded."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError('Give an amount of money as text, such as "100.00".')
    text = str(value).strip()
    whole, _, pence = text.removeprefix("-").partition(".")
    if (
        not whole.isdecimal()
        or not whole.isascii()
        or len(whole) > 8
        or len(pence) > 2
        or (pence and not (pence.isdecimal() and pence.isascii()))
    ):
        raise ValueError("Give pounds and pence, such as 100.00.")
    return Decimal(text).quantize(Decimal("0.01"))


def _moment(value: Any) -> datetime:
    if not isinstance(value, str):
        raise ValueError("Give a time as text with its offset, such as 2027-03-01T09:30:00+00:00.")
    try:
        moment = from_iso(value)
    except (ValueError, OverflowError) as cause:
        raise ValueError("Give a time with its offset, such as 2027-03-01T09:30:00+00:00.") from cause
    if not 2000 <= moment.year <= 2199:
        raise ValueError("Give a time between the years 2000 and 2199.")
    return moment


def _day(value: Any) -> date:
    """From `2026-12-01` and nothing else: a number would be taken for seconds since 1970."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError("Give a day as text, such as 2026-12-01.")


# Described as what it is written as: a number with a point in it would be refused.
_MONEY_TEXT = WithJsonSchema({"type": "string", "pattern": r"^[0-9]{1,8}(\.[0-9]{1,2})?$", "examples": ["100.00"]})
Money = Annotated[Decimal, BeforeValidator(_money), Field(ge=0), _MONEY_TEXT]
Day = Annotated[date, BeforeValidator(_day)]
YesNo = Annotated[bool, Field(strict=True)]
# A time with its offset, kept as UTC without zone.
Moment = Annotated[datetime, BeforeValidator(_moment)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000), AfterValidator(_clean_text)]
