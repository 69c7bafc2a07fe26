"""Seals what must be read again but never from a copy of the database alone: the secrets of authenticators."""

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


def seal(secret_key: str, user_id: int, text: str) -> bytes:
    """Bound to the account: one account's sealed secret is nothing in another's row."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + _cipher(secret_key).encrypt(nonce, text.encode(), str(user_id).encode())


def unseal(secret_key: str, user_id: int, sealed: bytes) -> str | None:
    """None where it was sealed for somebody else, or under another RFT_SECRET_KEY."""
    try:
        return _cipher(secret_key).decrypt(sealed[:_NONCE], sealed[_NONCE:], str(user_id).encode()).decode()
    except InvalidTag:
        return None


def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(hmac.digest(secret_key.encode(), b"authenticators", "sha256"))
