"""Reads Stripe's form encoding (`line_items[0][price_data][currency]=gbp`) and refuses what Stripe refuses."""

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from rft.fake_stripe.refusals import Refused

KEY_PARTS = re.compile(r"\[([^\[\]]*)\]")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
METADATA_KEYS = 50


def decode(encoded: bytes) -> dict[str, Any]:
    """The nested dictionary a form body or query string stands for; lists are dictionaries keyed by their index."""
    nested: dict[str, Any] = {}
    try:
        pairs = parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise Refused("Invalid encoding: parameters must be UTF-8.") from None
    for key, value in pairs:
        if "\0" in key or "\0" in value:
            raise Refused("Invalid character: parameters must not hold a null byte.", param=key.replace("\0", ""))
        path = [key.split("[", 1)[0], *KEY_PARTS.findall(key)]
        place = nested
        for part in path[:-1]:
            below = place.setdefault(part or str(len(place)), {})
            if not isinstance(below, dict):
                raise Refused(f"Invalid parameter: {key} is given both as a value and as an object.", param=key)
            place = below
        place[path[-1] or str(len(place))] = value
    return nested


class Parameters:
    """Parameters of one object; what is never read is refused as unknown by `require_nothing_else`."""

    def __init__(self, values: dict[str, Any], path: str = "") -> None:
        self._values = values
        self._path = path
        self._read: set[str] = set()
        self._inner: list[Parameters] = []

    def holds_object(self, name: str) -> bool:
        return isinstance(self._values.get(name), dict)

    def name(self, name: str) -> str:
        return f"{self._path}[{name}]" if self._path else name

    def text(self, name: str, *, longest: int = 5000) -> str | None:
        self._read.add(name)
        value = self._values.get(name)
        if value is None:
            return None
        param = self.name(name)
        if isinstance(value, dict):
            raise Refused("Invalid string: an object was given.", param=param)
        if value == "":
            message = f"You passed an empty string for '{param}'. Remove it from the request or give it a value."
            raise Refused(message, code="parameter_invalid_empty", param=param)
        if len(value) > longest:
            message = f"Invalid string: must be at most {longest} characters."
            raise Refused(message, code="parameter_invalid_string_length", param=param)
        return str(value)

    def required_text(self, name: str, *, longest: int = 5000) -> str:
        value = self.text(name, longest=longest)
        if value is None:
            raise self.missing(name)
        return value

    def missing(self, name: str) -> Refused:
        param = self.name(name)
        return Refused(f"Missing required param: {param}.", code="parameter_missing", param=param)

    def whole(self, name: str, *, least: int | None = None, most: int | None = None) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        param = self.name(name)
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise Refused(f"Invalid integer: {value[:40]}", code="parameter_invalid_integer", param=param)
        number = int(value)
        if least is not None and number < least:
            message = f"This value must be greater than or equal to {least}."
            raise Refused(message, code="parameter_invalid_integer", param=param)
        if most is not None and number > most:
            message = f"This value must be less than or equal to {most}."
            raise Refused(message, code="parameter_invalid_integer", param=param)
        return number

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        value = self.text(name)
        if value is not None and value not in choices:
            raise Refused(f"Invalid {name}: must be one of {', '.join(choices)}", param=self.name(name))
        return value

    def url(self, name: str) -> str | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            parts = urlsplit(value)
            sound = (
                parts.scheme in {"http", "https"}
                and bool(parts.hostname)
                and not re.search(r"[\s\"';,<>]", parts.netloc)
            )
        except ValueError:
            sound = False
        if not sound:
            message = "Not a valid URL. URLs must begin with http:// or https://."
            raise Refused(message, code="url_invalid", param=self.name(name))
        return value

    def email(self, name: str) -> str | None:
        value = self.text(name, longest=800)
        if value is not None and not EMAIL.fullmatch(value):
            raise Refused(f"Invalid email address: {value}", code="email_invalid", param=self.name(name))
        return value

    def inner(self, name: str) -> "Parameters | None":
        self._read.add(name)
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise Refused("Invalid object", param=self.name(name))
        self._inner.append(Parameters(value, self.name(name)))
        return self._inner[-1]

    def rows(self, name: str) -> "list[Parameters]":
        listed = self.inner(name)
        if listed is None:
            return []
        rows = [listed.inner(index) for index in sorted(listed._values, key=lambda index: (len(index), index))]
        return [row for row in rows if row is not None]

    def texts(self, name: str) -> list[str]:
        listed = self.inner(name)
        if listed is None:
            return []
        return [listed.required_text(index) for index in sorted(listed._values, key=lambda index: (len(index), index))]

    def metadata(self) -> dict[str, str]:
        self._read.add("metadata")
        if self._values.get("metadata") == "":
            return {}
        listed = self.inner("metadata")
        values = listed._values if listed else {}
        if listed is not None:
            listed._read.update(values)
        if len(values) > METADATA_KEYS:
            raise Refused(f"Metadata can have up to {METADATA_KEYS} keys.", param=self.name("metadata"))
        for key, value in values.items():
            if isinstance(value, dict) or len(key) > 40 or len(value) > 500:
                message = "Metadata keys hold up to 40 characters and values, which are strings, up to 500."
                raise Refused(message, param=f"{self.name('metadata')}[{key[:60]}]")
        return {key: value for key, value in values.items() if value != ""}

    def require_nothing_else(self) -> None:
        for name in self._values:
            if name not in self._read:
                param = self.name(name)
                raise Refused(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)
        for inner in self._inner:
            inner.require_nothing_else()
