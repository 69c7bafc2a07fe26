"""A certificate's file: drawn by typst, with the signed claim in its QR code and keywords, and sealed to the last byte."""

from datetime import datetime
from pathlib import Path

from rft.certificates.errors import CertificateIncomplete
from rft.certificates.rules import STATEMENT, Claim
from rft.certificates.signing import Signer, seal, seal_placeholder, write_token
from rft.kit.clock import day_in_words
from rft.kit.documents import LettersMissing, make_pdf
from rft.kit.qr import draw_qr

_TEMPLATE = Path(__file__).parent / "documents" / "certificate.typ"


def check_address(base_url: str, number: str) -> str:
    return f"{base_url}/certificates/{number}"


async def make_certificate(
    claim: Claim, signature: bytes, signer: Signer, *, base_url: str, drawn_at: datetime
) -> bytes:
    """The sealed PDF. `drawn_at` is UTC without zone. Raises CertificateIncomplete where a letter of the name cannot be printed."""
    token = write_token(claim, signature, signer.key_id)
    address = check_address(base_url, claim.number)
    data = {
        "claim": {
            "number": claim.number, "holder": claim.holder, "course": claim.course, "hours": claim.hours,
            "completed": _in_words(claim.completed), "expires": _in_words(claim.expires), "trainer": claim.trainer,
            "issuer": claim.issuer,
        },
        "statement": STATEMENT,
        "address": address.partition("://")[2],
        "keywords": [seal_placeholder(), token],
        "qr": draw_qr(f"{address}#{token}", dark="#073d2d"),
    }  # fmt: skip
    try:
        pdf = await make_pdf(_TEMPLATE, data, created_at=drawn_at, every_letter=True)
    except LettersMissing as cause:
        raise CertificateIncomplete(
            f"The certificate is held: not all letters of the name {claim.holder} can be printed. "
            "Write it in Latin letters, as a passport does."
        ) from cause
    return seal(pdf, signer)


def _in_words(day: str) -> str:
    return day_in_words(datetime.fromisoformat(day).date()).partition(" ")[2]
