"""References and tokens that cannot be guessed."""

import base64
import hashlib
import secrets

# Crockford's base 32: no I, L, O or U, so that a reference can be read out on the telephone.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_FROM_RFC = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET)


def new_reference(prefix: str) -> str:
    """`RFT-` and 16 characters: 80 random bits, 20 characters in all."""
    return f"{prefix}-{base64.b32encode(secrets.token_bytes(10)).decode().translate(_FROM_RFC)}"


def read_reference(text: str) -> str:
    """What a person typed, in the form that is stored: capitals, no spaces, O as 0 and I or L as 1 behind the prefix."""
    prefix, dash, rest = text.strip().upper().replace(" ", "").partition("-")
    return prefix + dash + rest.translate(str.maketrans("OIL", "011"))


def new_token() -> str:
    """256 random bits, fit for a URL."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> bytes:
    """What is stored of a token: whoever reads the database cannot use it. Random tokens need no salt."""
    return hashlib.sha256(token.encode()).digest()
