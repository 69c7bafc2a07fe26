"""What the environment says, read once and checked: a missing or weak secret stops the start, not a request."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from rft.kit.references import new_token

_MINIMUM_SECRET = 32
STRIPE = "https://api.stripe.com"
LIVE_KEYS = ("sk_live_", "rk_live_")


class SettingsError(Exception):
    """What is wrong with the environment, and a hint how to mend it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    database_url: str
    # A standby that reports may read; empty: they read the main database.
    replica_url: str
    data_dir: Path
    base_url: str
    secret_key: str
    secure_cookies: bool
    stripe_secret_key: str
    stripe_webhook_secret: str
    stripe_api_base: str
    # Where Stripe's hosted page lives: the browser is sent there, so the content security policy must name it.
    stripe_pages: str
    smtp_url: str
    hold_minutes: int
    demo: bool
    jobs: bool
    trusted_proxies: str
    # A private key in PEM; empty: it is kept in a file under data_dir.
    certificate_key: str
    # Whether staff must have a second factor, and for how many days a new account may do without.
    second_factor: bool
    second_factor_grace_days: int
    # Where the nightly backups go; None: none are made. How many days each is kept.
    backup_dir: Path | None
    backup_keep_days: int

    @property
    def cookie_prefix(self) -> str:
        """`__Host-` needs a secure cookie; without TLS (demo, tests) a browser would refuse it."""
        return "__Host-" if self.secure_cookies else ""

    @property
    def stripe_live(self) -> bool:
        """Whether real money moves: Stripe's keys say so themselves."""
        return self.stripe_secret_key.startswith(LIVE_KEYS)

    @property
    def practising(self) -> bool:
        """A public address on which nobody really pays: the office is to see that."""
        return self.base_url.startswith("https://") and bool(self.stripe_secret_key) and not self.stripe_live

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Reads and checks. Raises SettingsError. DATABASE_URL may be empty here: the embedded server then fills it in."""
        said = os.environ if environment is None else environment
        demo = said.get("RFT_DEMO", "") == "1"
        base_url = said.get("RFT_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
        api_base = said.get("STRIPE_API_BASE", STRIPE).rstrip("/")
        stripe_secret_key = _stripe_key(said.get("STRIPE_SECRET_KEY", ""), api_base, demo=demo)
        return cls(
            database_url=said.get("DATABASE_URL", ""),
            replica_url=said.get("DATABASE_REPLICA_URL", ""),
            data_dir=Path(said.get("RFT_DATA_DIR", "data")).expanduser().absolute(),
            base_url=base_url,
            secret_key=_secret_key(said.get("RFT_SECRET_KEY", ""), demo=demo),
            secure_cookies=_yes(said, "RFT_SECURE_COOKIES", default=base_url.startswith("https://")),
            stripe_secret_key=stripe_secret_key,
            stripe_webhook_secret=said.get("STRIPE_WEBHOOK_SECRET", ""),
            stripe_api_base=api_base,
            stripe_pages="https://checkout.stripe.com" if api_base == STRIPE else api_base,
            smtp_url=said.get("SMTP_URL", ""),
            hold_minutes=_whole(said, "RFT_HOLD_MINUTES", 30, least=1, most=24 * 60),
            demo=demo,
            jobs=_yes(said, "RFT_JOBS", default=True),
            trusted_proxies=said.get("RFT_TRUSTED_PROXIES", ""),
            certificate_key=said.get("RFT_CERTIFICATE_KEY", ""),
            second_factor=_yes(said, "RFT_SECOND_FACTOR", default=not demo),
            second_factor_grace_days=_whole(said, "RFT_SECOND_FACTOR_GRACE_DAYS", 7, least=0, most=90),
            backup_dir=Path(said["RFT_BACKUP_DIR"]).expanduser().absolute() if said.get("RFT_BACKUP_DIR") else None,
            backup_keep_days=_whole(said, "RFT_BACKUP_KEEP_DAYS", 14, least=1, most=3650),
        )


def _stripe_key(said: str, api_base: str, *, demo: bool) -> str:
    """A live key stays between us and Stripe, and out of the demo."""
    if said.startswith(("pk_", "whsec_")):
        raise SettingsError(
            "STRIPE_SECRET_KEY is not a secret key.", "It begins with sk_ or rk_; find it among Stripe's API keys."
        )
    if said.startswith(LIVE_KEYS) and (demo or api_base != STRIPE):
        raise SettingsError(
            "STRIPE_SECRET_KEY is a live key, and this is not the live system.",
            "Use a key that begins with sk_test_, or leave out RFT_DEMO and STRIPE_API_BASE.",
        )
    return said


def _secret_key(said: str, *, demo: bool) -> str:
    if demo and not said:
        return new_token()
    if len(said) < _MINIMUM_SECRET or len(set(said)) < 8:
        raise SettingsError(
            "RFT_SECRET_KEY is missing or too weak.",
            "Set it to at least 32 random characters, for instance from: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'",
        )
    return said


def _yes(said: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = said.get(name, "").lower()
    if value in ("", "1", "true", "yes", "on", "0", "false", "no", "off"):
        return default if value == "" else value in ("1", "true", "yes", "on")
    raise SettingsError(f"{name} is neither yes nor no: {value!r}.", f"Set {name} to 1 or 0, or leave it out.")


def _whole(said: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    value = said.get(name, str(default))
    if not value.isdecimal() or not least <= int(value) <= most:
        raise SettingsError(
            f"{name} is not a whole number from {least} to {most}: {value!r}.", f"Leave {name} out to have {default}."
        )
    return int(value)
