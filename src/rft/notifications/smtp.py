"""Hands one mail to the mail server and says what came of it: taken, refused for now or for good, or nobody there."""

import asyncio
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
from aiosmtplib import (
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

# Each step of the conversation, and all of it: well under the time after which a worker is taken for dead, so that
# a mail is not tried a second time while the first try is still going on.
_STEP, _WHOLE = 20.0, 45.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class NotTaken(Exception):
    """The server does not have the mail, as far as we know. `reason` is its own words, which may name the recipient."""

    def __init__(self, reason: str) -> None:
        # Not in the message: that goes to the log.
        super().__init__("the mail server did not take the mail")
        self.reason = reason


class ServerAway(NotTaken):
    """No mail server, or none that lets us in: this concerns every mail, not one."""


class RefusedForNow(NotTaken):
    """This mail was not taken this time (4xx, or the connection broke while it was handed over)."""


class RefusedForGood(NotTaken):
    """This mail will never be taken (5xx)."""


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    username: str | None
    password: str | None
    tls: bool
    start_tls: bool | None

    @classmethod
    def from_url(cls, url: str) -> Self:
        """From `smtp://user:password@host:587` or `smtps://…`; `?starttls=no` for a server inside one's own network.

        Without the option, STARTTLS is used where the server offers it, and insisted on where a password is to be sent.
        Raises ServerAway where the URL is none.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as cause:
            raise ServerAway("SMTP_URL is not an address.") from cause
        said = parse_qs(parts.query).get("starttls", [""])[0]
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or said not in ("", "yes", "no"):
            raise ServerAway(
                "SMTP_URL is not like smtp://user:password@host:587, smtps://host or smtp://host?starttls=no."
            )
        tls = parts.scheme == "smtps"
        insisted = True if parts.username and parts.hostname not in _LOOPBACK else None
        return cls(
            host=parts.hostname,
            port=port or (465 if tls else 587 if parts.username else 25),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=tls,
            start_tls=False if tls else {"yes": True, "no": False, "": insisted}[said],
        )


async def hand_over(server: MailServer, message: EmailMessage) -> None:
    """Returns when the server has said that it has the mail; raises ServerAway, RefusedForNow or RefusedForGood."""
    try:
        async with asyncio.timeout(_WHOLE):
            client = await _connected(server)
            try:
                await _give(client, message)
            finally:
                client.close()
    except TimeoutError as cause:
        raise RefusedForNow("The mail server took too long to answer.") from cause


async def _connected(server: MailServer) -> aiosmtplib.SMTP:
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.username,
        password=server.password,
        use_tls=server.tls,
        start_tls=server.start_tls,
        timeout=_STEP,
    )
    try:
        await client.connect()
    except (SMTPException, OSError, TimeoutError) as cause:
        client.close()
        raise ServerAway(f"{type(cause).__name__}: {cause}") from cause
    return client


async def _give(client: aiosmtplib.SMTP, message: EmailMessage) -> None:
    try:
        await client.send_message(message)
    except SMTPRecipientsRefused as refused:
        raise _refusal(refused.recipients[0]) from None
    except SMTPSenderRefused as refused:
        # It is always the same sender: what is refused for good is us (no sign-in, no TLS, not our address).
        kind = ServerAway if refused.code >= 500 else RefusedForNow
        raise kind(_words(refused)) from None
    except SMTPResponseException as refused:
        raise _refusal(refused) from None
    except (SMTPNotSupported, ValueError) as refused:
        # Also a mail that cannot be written down for this server, such as an address that needs SMTPUTF8.
        raise RefusedForGood(str(refused)) from None
    except (SMTPException, OSError) as broken:
        raise RefusedForNow(f"{type(broken).__name__}: {broken}") from None


def _refusal(answer: SMTPResponseException) -> NotTaken:
    kind = RefusedForGood if answer.code >= 500 else RefusedForNow
    return kind(_words(answer))


def _words(answer: SMTPResponseException) -> str:
    return f"{answer.code} {answer.message}"
