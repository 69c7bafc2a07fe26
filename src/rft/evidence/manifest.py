"""A pack: a ZIP whose manifest names every file with its SHA-256, signed with the key that certificates are signed with.

`manifest.json` is JSON with sorted keys and no spaces; `manifest.sig` is the Ed25519 signature over just these bytes, in base64url.
"""

import base64
import binascii
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rft.certificates.errors import Forged
from rft.certificates.signing import PublicKeys, Signer, require_signed
from rft.evidence.errors import PackBroken
from rft.kit.clock import to_iso

FORMAT = "rft-evidence-1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# More than any course's papers; what unpacks to more is not opened.
_MOST_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Verified:
    course: str
    made_at: str
    key_id: str
    files: list[str]


def write_pack(files: Mapping[str, bytes], *, course: str, made_at: datetime, signer: Signer) -> bytes:
    """The same bytes for the same files, course, time and key."""
    manifest = _canonical(
        {
            "format": FORMAT,
            "course": course,
            "made_at": to_iso(made_at),
            "key_id": signer.key_id,
            "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        }
    )
    signature = base64.urlsafe_b64encode(signer.private_key.sign(manifest))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, data in {**files, MANIFEST: manifest, SIGNATURE: signature}.items():
            # A fixed time: the one that counts is in the manifest.
            folder.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def read_pack(pack: bytes, keys: PublicKeys) -> Verified:
    """Raises PackBroken where a file is changed, missing or added, or the manifest is not signed by one of the keys."""
    files = _unpack(pack)
    signed, signature = files.pop(MANIFEST, b""), files.pop(SIGNATURE, b"")
    manifest = _read_manifest(signed)
    try:
        require_signed(signed, base64.urlsafe_b64decode(signature), str(manifest["key_id"]), keys)
    except (Forged, binascii.Error) as cause:
        raise PackBroken("The manifest is not signed by us, or it was changed.") from cause
    named: dict[str, str] = manifest["files"]
    for name in sorted(named.keys() | files.keys()):
        if name not in files:
            raise PackBroken(f"{name} is missing.")
        if named.get(name) != hashlib.sha256(files[name]).hexdigest():
            raise PackBroken(f"{name} is not as it was made." if name in named else f"{name} was added.")
    return Verified(manifest["course"], manifest["made_at"], manifest["key_id"], sorted(named))


def _unpack(pack: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(pack)) as folder:
            entries = folder.infolist()
            if sum(entry.file_size for entry in entries) > _MOST_BYTES:
                raise PackBroken("This is too large to be a pack of ours.")
            if any(entry.compress_type not in _PACKED for entry in entries):
                raise PackBroken("We pack no file in this way.")
            if len({entry.filename for entry in entries}) != len(entries):
                raise PackBroken("A file is in it twice.")
            return {entry.filename: folder.read(entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as cause:
        raise PackBroken("This is no pack of ours.") from cause


def _read_manifest(text: bytes) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(text)
        fits = manifest["format"] == FORMAT and isinstance(manifest["files"], dict) and bool(manifest["key_id"])
    except (ValueError, KeyError, TypeError):
        fits = False
    if not fits:
        raise PackBroken("There is no manifest in it.")
    return manifest


def _canonical(manifest: Mapping[str, object]) -> bytes:
    return json.dumps(manifest, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
