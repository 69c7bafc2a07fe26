"""The keys certificates are signed with: private ones in files of the server's own (or its environment), public ones published."""

import base64
import os
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from rft.certificates.errors import SigningKeyMissing
from rft.certificates.signing import Signer
from rft.database.pool import Connection
from rft.settings import Settings

_FOLDER = "certificate-keys"
# Two processes that need the first key at once make one.
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(7302, 0)"


async def get_signer(db: Connection, settings: Settings, *, now: datetime) -> Signer:
    """Signs with the newest key that is not retired; the very first one is made here, unless the environment names one.

    Raises SigningKeyMissing where this server does not hold the private half.
    """
    if settings.certificate_key:
        signer = _from_environment(settings.certificate_key)
        await _publish(db, signer, now)
        return signer
    cursor = await db.execute(
        "select key_id from signing_keys where retired_at is null order by created_at desc limit 1"
    )
    row = await cursor.fetchone()
    if row is None:
        return await add_key(db, settings, now=now, only_first=True)
    return _from_file(settings, row["key_id"])


async def add_key(db: Connection, settings: Settings, *, now: datetime, only_first: bool = False) -> Signer:
    """Makes a key and publishes it. Those before it are retired: they sign nothing more, and prove what they signed.

    With `only_first`, where another process has just made one, that one is taken.
    """
    await db.execute(_ONE_AT_A_TIME)
    cursor = await db.execute(
        "select key_id from signing_keys where retired_at is null order by created_at desc limit 1"
    )
    row = await cursor.fetchone()
    if only_first and row is not None:
        return _from_file(settings, row["key_id"])
    signer = Signer.generate()
    _keep(settings, signer)
    await db.execute("update signing_keys set retired_at = %s where retired_at is null", (now,))
    await _publish(db, signer, now)
    return signer


async def list_public_keys(db: Connection) -> dict[str, bytes]:
    """Every key that ever signed, the newest first: what it signed stays provable."""
    cursor = await db.execute("select key_id, public_key from signing_keys order by created_at desc")
    return {row["key_id"]: bytes(row["public_key"]) for row in await cursor.fetchall()}


def as_published(keys: dict[str, bytes]) -> dict[str, object]:
    """The list as it stands at /.well-known/rft-certificate-keys.json, in the form of RFC 8037."""
    return {
        "keys": [
            {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": key_id,
             "x": base64.urlsafe_b64encode(key).decode().rstrip("=")}
            for key_id, key in keys.items()
        ]
    }  # fmt: skip


def from_published(published: object) -> dict[str, bytes]:
    """The way back. Raises ValueError where it is no such list."""
    try:
        keys = published["keys"]  # type: ignore[index] # whatever it is, the next lines find out
        return {key["kid"]: base64.urlsafe_b64decode(key["x"] + "=") for key in keys if key["crv"] == "Ed25519"}
    except (KeyError, TypeError, ValueError) as cause:
        raise ValueError("This is no list of keys.") from cause


async def _publish(db: Connection, signer: Signer, now: datetime) -> None:
    await db.execute(
        "insert into signing_keys (key_id, public_key, created_at) values (%s, %s, %s) on conflict do nothing",
        (signer.key_id, signer.public_key, now),
    )


def _keep(settings: Settings, signer: Signer) -> None:
    folder = settings.data_dir / _FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    pem = signer.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    # Never readable by anybody else, not even for the moment of writing; never over another key.
    descriptor = os.open(_path(settings, signer.key_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())


def _from_file(settings: Settings, key_id: str) -> Signer:
    try:
        return _read(_path(settings, key_id).read_bytes())
    except FileNotFoundError as cause:
        raise SigningKeyMissing(
            f"The private half of the key {key_id} is not on this server. Put it into RFT_CERTIFICATE_KEY, "
            "or make a new key: rft certificate key new."
        ) from cause


def _from_environment(said: str) -> Signer:
    try:
        return _read(said.replace("\\n", "\n").encode())
    except SigningKeyMissing as cause:
        raise SigningKeyMissing("RFT_CERTIFICATE_KEY is no Ed25519 private key in PEM.") from cause


def _read(pem: bytes) -> Signer:
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as cause:
        raise SigningKeyMissing from cause
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyMissing
    return Signer.of(key)


def _path(settings: Settings, key_id: str) -> Path:
    return settings.data_dir / _FOLDER / f"{key_id}.pem"
