"""Ed25519 over a claim's canonical bytes, the token that a QR code carries, and the seal of a whole PDF file.

Anybody can check it with other tools (docs/certificates.md): the bytes are JSON with sorted keys and no spaces, all values texts
(RFC 8785 for that case), in UTF-8 and Unicode's composed form; the signature is Ed25519 (RFC 8032) over just these bytes.
"""

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Self

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from rft.certificates.errors import Forged
from rft.certificates.rules import Claim

_TOKEN_MARK = "RFTCERT1"  # noqa: S105 (the name of the format)
_SEAL_MARK = b"RFTSEAL1."
_SEAL_LENGTH = 86
_TOKEN = re.compile(rf"{_TOKEN_MARK}\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_SEAL = re.compile(rb"RFTSEAL1\.([A-Za-z0-9_-]{86})")
# What stands in the file while it is signed, and again while it is checked.
_UNSEALED = _SEAL_MARK + b"0" * _SEAL_LENGTH

PublicKeys = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and the name under which its public half is published."""

    key_id: str
    private_key: Ed25519PrivateKey

    @classmethod
    def generate(cls) -> Self:
        return cls.of(Ed25519PrivateKey.generate())

    @classmethod
    def of(cls, private_key: Ed25519PrivateKey) -> Self:
        return cls(key_id_of(private_key.public_key().public_bytes_raw()), private_key)

    @property
    def public_key(self) -> bytes:
        """32 bytes."""
        return self.private_key.public_key().public_bytes_raw()


def key_id_of(public_key: bytes) -> str:
    """The first characters of the key itself: a published list cannot give a key another's name."""
    return _to_text(public_key)[:12]


def canonical(claim: Claim) -> bytes:
    texts = {name: unicodedata.normalize("NFC", value) for name, value in asdict(claim).items()}
    return json.dumps(texts, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sign(claim: Claim, signer: Signer) -> bytes:
    """64 bytes."""
    return signer.private_key.sign(canonical(claim))


def write_token(claim: Claim, signature: bytes, key_id: str) -> str:
    """What the QR code carries behind the `#` of its address, where no server ever logs it."""
    return ".".join((_TOKEN_MARK, key_id, _to_text(canonical(claim)), _to_text(signature)))


def is_token(text: str) -> bool:
    """Whether there is something in it that looks like one of our codes."""
    return _TOKEN.search(text) is not None


def read_token(text: str, keys: PublicKeys) -> Claim:
    """The claim in a QR code's text, or in any text that holds one. Raises Forged where the signature is not ours."""
    found = _TOKEN.search(text)
    if found is None:
        raise Forged("There is no signed certificate in this.")
    key_id, payload, signature = found.groups()
    # A letter more or less, or spare bits in the last letter, would be another spelling of the same bytes.
    signed, mark = _from_text(payload), _from_text(signature)
    require_signed(signed, mark, key_id, keys)
    claim = _claim_of(signed)
    if canonical(claim) != signed:
        raise Forged
    return claim


def require_signed(signed: bytes, signature: bytes, key_id: str, keys: PublicKeys) -> None:
    """Raises Forged unless the signature was made over just these bytes with the key of that name."""
    key = keys.get(key_id)
    if key is None or key_id_of(key) != key_id:
        raise Forged(f"The key {key_id} is not among the published ones.")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError) as cause:
        raise Forged from cause


def seal_placeholder() -> str:
    """Is to stand, in plain letters, among the keywords of a PDF that will be sealed."""
    return _UNSEALED.decode()


def seal(pdf: bytes, signer: Signer) -> bytes:
    """The file, signed as a whole: the signature takes the place of the placeholder wherever that stands."""
    assert _UNSEALED in pdf, "the document's keywords hold the placeholder"
    return pdf.replace(_UNSEALED, _SEAL_MARK + _to_text(signer.private_key.sign(pdf)).encode())


def require_sealed(pdf: bytes, key_id: str, keys: PublicKeys) -> None:
    """Raises Forged where one byte of the file is not as it was issued."""
    seals = set(_SEAL.findall(pdf))
    if len(seals) != 1:
        raise Forged("This file carries no seal of ours.")
    signed = _SEAL.sub(_UNSEALED, pdf)
    require_signed(signed, _from_text(seals.pop().decode()), key_id, keys)


def read_pdf(pdf: bytes, keys: PublicKeys) -> Claim:
    """The claim of a certificate's file, which must be as it was issued to the last byte. Raises Forged."""
    text = pdf.decode("latin-1")
    claim = read_token(text, keys)
    found = _TOKEN.search(text)
    assert found is not None, "read_token has just found it"
    require_sealed(pdf, found[1], keys)
    return claim


def _claim_of(signed: bytes) -> Claim:
    try:
        return msgspec.json.decode(signed, type=Claim)
    except msgspec.MsgspecError as cause:
        raise Forged from cause


def _to_text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _from_text(text: str) -> bytes:
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as cause:
        raise Forged from cause
    if _to_text(data) != text:
        raise Forged
    return data
