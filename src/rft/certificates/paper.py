"""A certificate's file: drawn by typst, with the signed claim in its QR code and keywords, and sealed to the last byte."""

import io
from datetime import datetime
from pathlib import Path

import segno

from rft.certificates.rules import STATEMENT, Claim
from rft.certificates.signing import Signer, seal, seal_placeholder, write_token
from rft.kit.clock import day_in_words
from rft.kit.documents import make_pdf

_TEMPLATE = Path(__file__).parent / "documents" / "certificate.typ"


def check_address(base_url: str, number: str) -> str:
    return f"{base_url}/certificates/{number}"


async def make_certificate(
    claim: Claim, signature: bytes, signer: Signer, *, base_url: str, drawn_at: datetime
) -> bytes:
    """The sealed PDF. `drawn_at` is UTC without zone."""
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
        "qr": _qr(f"{address}#{token}"),
    }  # fmt: skip
    return seal(await make_pdf(_TEMPLATE, data, created_at=drawn_at), signer)


def _in_words(day: str) -> str:
    return day_in_words(datetime.fromisoformat(day).date()).partition(" ")[2]


def _qr(text: str) -> str:
    """An SVG of one path; the error correction is the least there is, so that its squares are as large as can be on paper."""
    image = io.BytesIO()
    segno.make_qr(text, error="l", boost_error=False).save(
        image, kind="svg", xmldecl=False, svgns=True, border=0, dark="#073d2d"
    )
    return image.getvalue().decode()
