"""Passkeys (WebAuthn): what a browser is asked for, and whether what it answers is right. The library is loaded when needed."""

import json
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from rft.accounts.errors import PasskeyRefused
from rft.accounts.factors import Passkey
from rft.kit.references import new_token
from rft.settings import Settings


@dataclass(frozen=True, slots=True)
class NewKey:
    credential_id: bytes
    public_key: bytes
    sign_count: int


def is_possible(settings: Settings) -> bool:
    """Browsers make passkeys for a name, not for an IP address, and only over TLS or on this machine."""
    parts = urlsplit(settings.base_url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return parts.scheme == "https" or host == "localhost"
    return False


def new_challenge() -> bytes:
    return new_token().encode()


def creation_options(
    settings: Settings, *, company: str, user_id: int, email: str, challenge: bytes, known: list[Passkey]
) -> str:
    """JSON for navigator.credentials.create; a key that the account has already is not offered again."""
    import webauthn
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    options = webauthn.generate_registration_options(
        rp_id=_host(settings),
        rp_name=company,
        user_name=email,
        user_id=str(user_id).encode(),
        challenge=challenge,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known],
    )
    return webauthn.options_to_json(options)


def request_options(settings: Settings, *, challenge: bytes, known: list[Passkey]) -> str:
    """JSON for navigator.credentials.get."""
    import webauthn
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    options = webauthn.generate_authentication_options(
        rp_id=_host(settings),
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in known],
    )
    return webauthn.options_to_json(options)


def require_new_key(settings: Settings, credential: str, challenge: bytes) -> NewKey:
    """Raises PasskeyRefused for what was not made here, for us, just now."""
    import webauthn
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(settings),
            expected_origin=_origin(settings),
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as cause:
        raise PasskeyRefused from cause
    return NewKey(made.credential_id, made.credential_public_key, made.sign_count)


def require_signed(settings: Settings, credential: str, challenge: bytes, known: list[Passkey]) -> tuple[Passkey, int]:
    """The key that signed the challenge, and its counter now. Raises PasskeyRefused."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        used = base64url_to_bytes(json.loads(credential)["rawId"])
        key = next((key for key in known if key.credential_id == used), None)
        if key is None:
            raise PasskeyRefused
        seen = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(settings),
            expected_origin=_origin(settings),
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, RecursionError) as cause:
        raise PasskeyRefused from cause
    return key, seen.new_sign_count


def _host(settings: Settings) -> str:
    return urlsplit(settings.base_url).hostname or ""


def _origin(settings: Settings) -> str:
    parts = urlsplit(settings.base_url)
    return f"{parts.scheme}://{parts.netloc}"
