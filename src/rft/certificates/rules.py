"""What a certificate is: its number, how long it is valid, and how it stands on a day."""

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Literal

State = Literal["valid", "expired", "revoked", "replaced"]

# Crockford's base 32, as in every reference: nothing that sounds or looks like something else.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")
_PREFIX = "RFT-C-"
_RANDOM_CHARACTERS = 13
STATEMENT = "For the purposes of the Health and Safety (First-Aid) Regulations 1981"


def new_number() -> str:
    """`RFT-C-7K2M9-QX4TB-0HDW`: 65 random bits and a check character, so that a slip of the pen is no other certificate."""
    bits = secrets.randbits(5 * _RANDOM_CHARACTERS)
    body = "".join(_ALPHABET[bits >> 5 * place & 31] for place in range(_RANDOM_CHARACTERS))
    return _grouped(body + _check_character(body))


def read_number(text: str) -> str | None:
    """The number that a person typed, in the form that is stored; None where its check character is wrong."""
    letters = "".join(letter for letter in text.upper() if letter.isascii() and letter.isalnum())
    body = letters.removeprefix("RFTC").translate(_LOOKALIKES)
    if (
        len(body) != _RANDOM_CHARACTERS + 1
        or not set(body) <= set(_ALPHABET)
        or body[-1] != _check_character(body[:-1])
    ):
        return None
    return _grouped(body)


def _check_character(body: str) -> str:
    """Weighted sum modulo 31: one wrong character, or two that changed places, give another."""
    return _ALPHABET[sum(place * _ALPHABET.index(letter) for place, letter in enumerate(body, start=1)) % 31]


def _grouped(body: str) -> str:
    return f"{_PREFIX}{body[:5]}-{body[5:10]}-{body[10:]}"


def expires_on(completed: date, years: int) -> date:
    """The last day on which it is valid: the same day so many years on; 29 February becomes the 28th."""
    try:
        return completed.replace(year=completed.year + years)
    except ValueError:
        return completed.replace(year=completed.year + years, day=28)


def state_on(day: date, *, expires: date, revoked: bool, replaced: bool) -> State:
    """Valid to the end of the day on which it expires. What was revoked or replaced stays so."""
    if revoked:
        return "revoked"
    if replaced:
        return "replaced"
    return "expired" if day > expires else "valid"


@dataclass(frozen=True, slots=True)
class Claim:
    """What is signed: every value a text, so that its bytes are the same wherever it is written down."""

    number: str
    holder: str
    course: str
    course_type: str
    hours: str
    completed: str
    expires: str
    trainer: str
    issuer: str
