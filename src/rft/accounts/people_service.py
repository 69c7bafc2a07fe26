"""Adds and changes people, and closes accounts, in the caller's transaction."""

from datetime import datetime
from typing import Any

from rft.accounts.errors import LastAdmin
from rft.accounts.people_queries import get_person
from rft.accounts.people_schemas import PersonRequest
from rft.accounts.rules import plain_email
from rft.audit.service import Actor, record
from rft.database.edit import insert, update
from rft.database.pool import Connection
from rft.web.security.sessions import revoke_sessions

_UNUSABLE = "!"
# With another role, another address or no account at all, nobody goes on under what they signed in as.
_ENDS_SESSIONS = frozenset({"role", "email", "is_active"})


async def create_person(db: Connection, actor: Actor, asked: PersonRequest, *, password_hash: str | None = None) -> int:
    """Answers the new id; without a hash nobody can sign in. Raises NotValid for an address that has an account already."""
    values = asked.model_dump(exclude={"password"}) | {"email": plain_email(asked.email)}
    user_id = await insert(db, "users", values | {"password_hash": password_hash or _UNUSABLE})
    await record(db, actor, "user.create", "user", user_id, new=values)
    return user_id


async def change_person(
    db: Connection, actor: Actor, user_id: int, changes: dict[str, Any], *, seen: datetime | None = None
) -> None:
    """Signs the person out everywhere where it matters. Raises NotFound, ChangedMeanwhile, LastAdmin, NotAnInstructor."""
    await get_person(db, user_id)
    if "email" in changes:
        changes = changes | {"email": plain_email(changes["email"])}
    before = await update(db, "users", user_id, {}, seen=seen)
    if _leaves(before, changes) and not await _has_another_admin(db, user_id):
        raise LastAdmin
    await update(db, "users", user_id, changes)
    changed = {name: value for name, value in changes.items() if before[name] != value}
    if changed.keys() & _ENDS_SESSIONS:
        await revoke_sessions(db, user_id)
    if "role" in changed or changed.get("is_active") is False:
        await db.execute(
            "update api_tokens set revoked_at = utc_clock() where user_id = %s and revoked_at is null", (user_id,)
        )
    if changed:
        await record(
            db, actor, "user.change", "user", user_id, old={name: before[name] for name in changed}, new=changed
        )


def _leaves(before: dict[str, Any], changes: dict[str, Any]) -> bool:
    """Whether the change takes an active admin away."""
    after = before | changes
    return _administers(before) and not _administers(after)


def _administers(account: dict[str, Any]) -> bool:
    return bool(account["role"] == "admin" and account["is_active"])


async def _has_another_admin(db: Connection, user_id: int) -> bool:
    cursor = await db.execute("select 1 from users where role = 'admin' and is_active and id <> %s limit 1", (user_id,))
    return await cursor.fetchone() is not None
