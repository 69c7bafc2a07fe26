"""How the mail server is found and spoken to: in the clear only where nothing can be lost by it."""

from datetime import datetime
from email.message import EmailMessage
from typing import Any

import pytest

from rft.notifications.compose import Mail, as_message
from rft.notifications.facts import Company
from rft.notifications.smtp import MailServer, RefusedForGood, RefusedForNow, ServerAway, hand_over
from tests.features.mailing import MailServer as Sink
from tests.features.mailing import a_mail_server, utc

COMPANY = Company("React Fast Training", "01234 567890", "office@rft.example", ["Leeds"], None)
WRITTEN: datetime = utc(2031, 1, 2)


def a_message(recipient: str = "amina@example.com") -> EmailMessage:
    return as_message(1, Mail("k", "hello", recipient, "Hello", "text", "<p>html</p>", None, []), COMPANY, WRITTEN)


@pytest.mark.parametrize(
    ("url", "port", "tls", "start_tls"),
    [
        ("smtp://mail.example", 25, False, None),
        ("smtp://amina:secret@mail.example", 587, False, True),
        ("smtp://amina:secret@mail.example?starttls=no", 587, False, False),
        ("smtp://amina:secret@127.0.0.1:2525", 2525, False, None),
        ("smtps://amina:secret@mail.example", 465, True, False),
    ],
)
def test_a_password_goes_over_tls_unless_it_is_said_otherwise(
    url: str, port: int, tls: bool, start_tls: bool | None
) -> None:
    server = MailServer.from_url(url)
    assert (server.port, server.tls, server.start_tls) == (port, tls, start_tls)


def test_percent_signs_in_the_address_are_read_as_they_are_meant() -> None:
    server = MailServer.from_url("smtps://office%40rft.example:a%2Fb%3F@mail.example")
    assert (server.username, server.password) == ("office@rft.example", "a/b?")


async def test_a_server_that_offers_no_tls_gets_no_password() -> None:
    async with a_mail_server() as sink:
        server = MailServer("127.0.0.1", sink.port, "amina", "secret", tls=False, start_tls=True)
        with pytest.raises(ServerAway):
            await hand_over(server, a_message())
    assert sink.mails == []


@pytest.mark.parametrize(
    ("answer", "raised"),
    [("530 5.7.0 Authentication required", ServerAway), ("451 later", RefusedForNow)],
)
async def test_a_sender_who_is_refused_concerns_every_mail(answer: str, raised: type[Exception]) -> None:
    class Strict(Sink):
        async def handle_MAIL(self, *_: Any) -> str:  # noqa: N802 (aiosmtpd's name)
            return answer

    sink = Strict()
    await sink.start()
    with pytest.raises(raised):
        await hand_over(MailServer.from_url(sink.url), a_message())
    await sink.stop()


async def test_an_address_that_the_server_cannot_write_is_refused_for_good() -> None:
    async with a_mail_server() as sink:
        with pytest.raises(RefusedForGood):
            await hand_over(MailServer.from_url(sink.url), a_message("zoë@example.com"))


async def test_a_server_that_never_answers_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rft.notifications.smtp._WHOLE", 0.2)
    async with a_mail_server() as sink:
        sink.may_answer.clear()
        with pytest.raises(RefusedForNow):
            await hand_over(MailServer.from_url(sink.url), a_message())


async def test_what_the_server_says_is_not_in_the_words_that_are_logged() -> None:
    async with a_mail_server() as sink:
        sink.answer = "550 amina@example.com is unknown"
        with pytest.raises(RefusedForGood) as refused:
            await hand_over(MailServer.from_url(sink.url), a_message())
    assert "amina" not in str(refused.value)
    assert refused.value.reason == "550 amina@example.com is unknown"
