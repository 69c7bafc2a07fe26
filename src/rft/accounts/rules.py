"""What an e-mail address and a password must be."""

import unicodedata

from rft.accounts.errors import PasswordTooWeak
from rft.errors import NotValid
from rft.kit.fields import read_email

SHORTEST, LONGEST = 12, 256
_FEWEST_DIFFERENT = 5
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


def require_strong(password: str, email: str) -> None:
    """Raises PasswordTooWeak. Length counts: rules about kinds of characters only make people add `1!`."""
    sentence = _weakness(password, email)
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
