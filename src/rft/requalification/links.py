"""The link of a reminder: whoever holds it may see that one certificate's renewal and stop the reminders to its address."""

import base64
import hashlib
import hmac

from rft.errors import NotFound
from rft.settings import Settings


def renewal_token(settings: Settings, number: str) -> str:
    said = f"requalification\n{number}".encode()
    return base64.urlsafe_b64encode(hmac.digest(settings.secret_key.encode(), said, "sha256"))[:43].decode()


def require_renewal_token(settings: Settings, number: str, token: str) -> None:
    """Raises NotFound: a stranger does not learn whether there is such a certificate."""
    if not hmac.compare_digest(renewal_token(settings, number).encode(), token.encode("utf-8", "replace")):
        raise NotFound


def renewal_address(settings: Settings, number: str, page: str = "") -> str:
    """`page` is one beneath it, such as `/reminders`."""
    return f"{settings.base_url}/renew/{number}{page}?token={renewal_token(settings, number)}"


def hash_of(email: str) -> bytes:
    """What is kept of an address that wants no reminders."""
    return hashlib.sha256(email.strip().lower().encode()).digest()
