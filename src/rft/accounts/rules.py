"""What an e-mail address, a password and the codes of a second factor must be."""

import hmac
import secrets
import unicodedata
from collections.abc import Callable
from datetime import datetime

from rft.accounts.errors import PasswordTooWeak
from rft.errors import NotValid
from rft.kit.fields import read_email
from rft.kit.passwords import guess_score

SHORTEST, LONGEST = 12, 256
_FEWEST_DIFFERENT = 5
# How hard to guess, of 0 to 4: at least a hundred million tries.
_SCORE = 3
# What is left of it without the person's name and ours.
_LEAST_OF_ITS_OWN, _WORD = 6, 3
_OURS = ("react", "fast", "training", "rft", "first", "aid")
_EASY = "This is easy to guess. Use a few words that do not belong together."
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (kept in UTC without zone, as everywhere)
# The first that anyone tries among those long enough to pass.
_COMMON = frozenset(
    {
        "password1234", "password12345", "password123456", "passwordpassword", "123456789012", "1234567890123",
        "qwertyuiop123", "qwertyuiop12", "qwertyuiopasdfgh", "1q2w3e4r5t6y", "administrator", "administrator1",
        "welcome12345", "letmeinletmein", "changemechangeme", "iloveyou1234", "reactfasttraining", "firstaidatwork",
        "firstaidtraining", "correcthorsebatterystaple", "correct horse battery staple",
    }
)  # fmt: skip


def plain_email(text: str) -> str:
    """The address as accounts are found by it: composed, trimmed, in small letters."""
    return unicodedata.normalize("NFC", text).strip().lower()


def require_email(text: str) -> str:
    """The address in the form that is stored. Raises NotValid; whether mail arrives there, only mail can tell."""
    try:
        return plain_email(read_email(text.strip()))
    except ValueError as cause:
        raise NotValid(str(cause), errors={"email": str(cause)}) from cause


def require_strong(password: str, email: str, name: str = "") -> None:
    """Raises PasswordTooWeak. Length counts: rules about kinds of characters only make people add `1!`."""
    sentence = _weakness(password, email) or _guessable(password, email, name)
    if sentence:
        raise PasswordTooWeak(sentence, errors={"password": sentence})


def _weakness(password: str, email: str) -> str:
    plain = password.strip().lower()
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. A few words in a row are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if plain in (email, email.partition("@")[0]):
        return "The password must not be your e-mail address."
    if plain in _COMMON or len(set(plain)) < _FEWEST_DIFFERENT:
        return "Very many people use this password. Choose one that nobody would guess."
    return ""


def _guessable(password: str, email: str, name: str) -> str:
    """By how many guesses it would take somebody who knows words, names, dates, keyboards and the passwords of others."""

    theirs = [*email.partition("@")[0].split("."), *name.lower().split(), *_OURS]
    rest = password.lower()
    for word in sorted(theirs, key=len, reverse=True):
        rest = rest.replace(word, "") if len(word) >= _WORD else rest
    if len(rest) < _LEAST_OF_ITS_OWN:
        return "This is little more than your own name, or ours. Use a few words that do not belong together."
    score, warning = guess_score(password, [email, *theirs])
    if score >= _SCORE:
        return ""
    return f"This is easy to guess. {warning} Use a few words that do not belong together." if warning else _EASY


STEP_SECONDS = 30
_CODE_DIGITS = 6
_RECOVERY_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RECOVERY_LENGTH, _RECOVERY_GROUP = 16, 4
RECOVERY_CODES = 10


def step_of(now: datetime) -> int:
    """The half minute since 1970 that `now`, in UTC, lies in."""
    return int((now - _EPOCH).total_seconds()) // STEP_SECONDS


def plain_code(text: str) -> str:
    """A code as typed, without the blanks and dashes that make it readable, in capitals."""
    return "".join(letter for letter in text.upper() if letter.isalnum())


def looks_like_authenticator_code(code: str) -> bool:
    return len(code) == _CODE_DIGITS and code.isascii() and code.isdigit()


def find_step(code: str, code_at: Callable[[int], str], now: datetime) -> int | None:
    """Which half minute the code belongs to: this one, the one before or the one after, since clocks differ. None: to none."""
    here = step_of(now)
    fitting = [step for step in (here, here - 1, here + 1) if hmac.compare_digest(code_at(step), code)]
    return fitting[0] if fitting else None


def new_recovery_codes() -> list[str]:
    """Ten of 80 random bits, in the plain form."""
    return ["".join(secrets.choice(_RECOVERY_LETTERS) for _ in range(_RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]


def read_recovery_code(code: str) -> str:
    """O read as 0, I and L as 1: the alphabet has none of them."""
    return code.translate(str.maketrans("OIL", "011"))


def recovery_code_in_words(code: str) -> str:
    """`0123-4567-89AB-CDEF`."""
    return "-".join(code[start : start + _RECOVERY_GROUP] for start in range(0, len(code), _RECOVERY_GROUP))
