"""Passkeys: one is added and signs in; an answer for another site, another challenge or another account is refused."""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from html import unescape

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import encode_cbor

from rft.settings import Settings
from tests.builders import Db
from tests.features.browser import PASSWORD, Browser

OpenBrowser = Callable[..., Browser]
PAGE = "/account/second-factor"
_OPTIONS = re.compile(r'data-options="([^"]+)"')


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Browsers make passkeys only where the connection is safe, or on this machine."""
    return replace(settings, base_url="http://localhost")


class Key:
    """What a telephone or a security key does: signs what it is asked to, for one site."""

    def __init__(self, site: str = "http://localhost") -> None:
        self.site, self.id, self.count = site, secrets.token_bytes(16), 0
        self.private = generate_private_key(SECP256R1())

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.site}).encode()

    def _data(self, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(b"localhost").digest() + bytes([flags]) + self.count.to_bytes(4)

    def made(self, options: dict[str, str]) -> str:
        point = self.private.public_key().public_numbers()
        public = encode_cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})
        data = self._data(0x45) + bytes(16) + len(self.id).to_bytes(2) + self.id + public
        attested = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        return self._answer(clientDataJSON=client, attestationObject=attested)

    def signed(self, options: dict[str, str]) -> str:
        data, client = self._data(0x05), self._client("webauthn.get", options["challenge"])
        signature = self.private.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _answer(self, **parts: bytes) -> str:
        response = {name: _text(part) for name, part in parts.items()}
        return json.dumps({"id": _text(self.id), "rawId": _text(self.id), "type": "public-key", "response": response})


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def options_on(browser: Browser, page: str) -> dict[str, str]:
    found = _OPTIONS.search((await browser.get(page)).text)
    assert found, "the page asks the browser for a passkey"
    options: dict[str, str] = json.loads(unescape(found[1]))
    return options


async def add(browser: Browser, key: Key) -> int:
    await browser.send_form(f"{PAGE}/begin", page=PAGE, password=PASSWORD, kind="passkey")
    credential = key.made(await options_on(browser, f"{PAGE}/passkey"))
    answer = await browser.send_form(
        f"{PAGE}/passkey", page=f"{PAGE}/passkey", credential=credential, label="My telephone"
    )
    return answer.status_code


async def sign_in(browser: Browser, credential: str) -> int:
    answer = await browser.send_form("/sign-in/second", page="/sign-in/second", credential=credential)
    return answer.status_code


async def test_carol_adds_a_passkey_and_signs_in_with_it_once_an_answer(
    office: Browser, new_browser: OpenBrowser, db: Db
) -> None:
    key = Key()
    assert await add(office, key) == 200
    assert "My telephone" in (await office.get(PAGE)).text
    first, second = new_browser(), new_browser()
    await first.sign_in("carol@example.com")
    await second.sign_in("carol@example.com")
    credential = key.signed(await options_on(first, "/sign-in/second"))
    await options_on(second, "/sign-in/second")
    assert [await sign_in(second, credential), await sign_in(first, credential)] == [422, 303]
    assert (await first.get("/office")).status_code == 200


async def test_an_answer_given_to_another_site_or_by_another_key_signs_nobody_in(
    office: Browser, new_browser: OpenBrowser
) -> None:
    key = Key()
    await add(office, key)
    dev = new_browser()
    await dev.sign_in("carol@example.com")
    options = await options_on(dev, "/sign-in/second")
    stranger = Key()
    stranger.id = key.id
    assert await sign_in(dev, stranger.signed(options)) == 422
    key.site = "https://evil.example"
    assert await sign_in(dev, key.signed(options)) == 422
    assert await sign_in(dev, "{") == 422


async def test_a_passkey_made_for_another_site_is_not_added(office: Browser, db: Db) -> None:
    assert await add(office, Key("https://evil.example")) == 422
    assert db.execute("select from passkeys").fetchall() == []
