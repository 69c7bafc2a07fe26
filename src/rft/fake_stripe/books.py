"""The objects of the practice Stripe as one transaction sees them: made, found, changed, listed, announced."""

import copy
import fnmatch
import json
import secrets
import sqlite3
import string
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rft.fake_stripe.refusals import missing_object

Thing = dict[str, Any]

SHAPES: dict[str, Thing] = json.loads(Path(__file__).with_name("shapes.json").read_text())
PREFIXES = {
    "checkout.session": "cs_test_",
    "item": "li_",
    "price": "price_",
    "payment_intent": "pi_",
    "charge": "ch_",
    "refund": "re_",
    "dispute": "du_",
    "balance_transaction": "txn_",
    "payout": "po_",
    "event": "evt_",
}
DEFAULT_API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str) -> str:
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(24))


@dataclass(frozen=True)
class Origin:
    """The API request that causes what happens; the empty one stands for the customer or the world."""

    request_id: str | None = None
    idempotency_key: str | None = None
    api_version: str = DEFAULT_API_VERSION


@dataclass
class Books:
    connection: sqlite3.Connection
    now: float
    origin: Origin = field(default_factory=Origin)
    # Whether anything was put in the post, so that the courier is woken after the commit.
    posted: bool = False

    def make(self, kind: str, **fields: Any) -> Thing:
        """A new object with every field Stripe would show, not yet written."""
        thing = copy.deepcopy(SHAPES[kind])
        thing.update({"id": new_id(PREFIXES[kind])}, **fields)
        if "created" in thing:
            thing["created"] = int(self.now)
        return thing

    def add(self, thing: Thing) -> Thing:
        self.connection.execute(
            "insert into objects (id, kind, created, body) values (?, ?, ?, ?)",
            (thing["id"], thing["object"], thing["created"], json.dumps(thing)),
        )
        return thing

    def save(self, thing: Thing) -> None:
        self.connection.execute("update objects set body = ? where id = ?", (json.dumps(thing), thing["id"]))

    def find(self, object_id: str) -> Thing | None:
        row = self.connection.execute("select body from objects where id = ?", (object_id,)).fetchone()
        return json.loads(row["body"]) if row else None

    def get(self, kind: str, object_id: str, param: str = "id") -> Thing:
        thing = self.find(object_id)
        if thing is None or thing["object"] != kind:
            raise missing_object(kind, object_id, param)
        return thing

    def each(self, kind: str, **fields: str) -> list[Thing]:
        """All of one kind whose fields have these values, oldest first."""
        wanted = "".join(f" and json_extract(body, '$.{name}') = ?" for name in fields)
        rows = self.connection.execute(
            f"select body from objects where kind = ?{wanted} order by position",  # noqa: S608 - names are the code's own
            (kind, *fields.values()),
        )
        return [json.loads(row["body"]) for row in rows]

    def setting(self, name: str, default: Any = None) -> Any:
        row = self.connection.execute("select value from settings where name = ?", (name,)).fetchone()
        return json.loads(row["value"]) if row else default

    def set(self, name: str, value: Any) -> None:
        self.connection.execute(
            "insert into settings (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
            (name, json.dumps(value)),
        )

    def plan(self, act: str, object_id: str, seconds: float) -> None:
        self.connection.execute(
            "insert into plans (due, act, object_id) values (?, ?, ?)", (self.now + seconds, act, object_id)
        )

    def announce(self, event_type: str, thing: Thing, previous: Thing | None = None) -> Thing:
        """Records the event with the object as it now is, and puts it in the post to the webhook."""
        data: Thing = {"object": shown(thing)}
        if previous is not None:
            data["previous_attributes"] = previous
        has_webhook = self.setting("webhook_url") is not None
        event = self.add(
            self.make(
                "event",
                type=event_type,
                data=data,
                api_version=self.origin.api_version,
                request={"id": self.origin.request_id, "idempotency_key": self.origin.idempotency_key},
                pending_webhooks=int(has_webhook),
            )
        )
        if has_webhook:
            dropped = any(fnmatch.fnmatchcase(event_type, pattern) for pattern in self.setting("dropped_types", []))
            for _ in range(self.setting("copies", 1)):
                self.post(event["id"], "dropped" if dropped else "pending", self.setting("webhook_delay", 0.0))
        return event

    def post(self, event_id: str, state: str = "pending", seconds: float = 0.0) -> None:
        self.posted = True
        self.connection.execute(
            "insert into deliveries (event_id, due, state) values (?, ?, ?)", (event_id, self.now + seconds, state)
        )


def shown(thing: Thing) -> Thing:
    return {name: value for name, value in thing.items() if not name.startswith("_")}
