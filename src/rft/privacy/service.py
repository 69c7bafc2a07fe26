"""Merges accounts of one person, and takes a person's data away on request, in the caller's transaction."""

from rft.accounts.people_queries import get_person
from rft.audit.service import Actor, record
from rft.database.pool import Connection
from rft.privacy.errors import NotErased, NotMerged
from rft.web.security.sessions import revoke_sessions


async def merge_people(db: Connection, actor: Actor, kept_id: int, merged_id: int) -> None:
    """The second account becomes another name of the first one, and opens nothing any more. Raises NotFound, NotMerged.

    Bookings and orders stay with the account that made them, and are read under both; whom the person books for moves over.
    """
    kept, merged = await get_person(db, kept_id), await get_person(db, merged_id)
    if kept.id == merged.id:
        raise NotMerged("This is the same account.", errors={"email": "Choose another account than this one."})
    await db.execute("update merged_users set into_user_id = %s where into_user_id = %s", (kept_id, merged_id))
    await db.execute(
        "insert into merged_users (user_id, into_user_id, merged_by) values (%s, %s, %s)",
        (merged_id, kept_id, actor.user_id),
    )
    await db.execute(
        """
        insert into organisation_members (organisation_id, user_id, role)
        select organisation_id, %(kept)s, role from organisation_members where user_id = %(merged)s
        on conflict do nothing
        """,
        {"kept": kept_id, "merged": merged_id},
    )
    await db.execute("delete from organisation_members where user_id = %s", (merged_id,))
    await db.execute("update users set is_active = false where id = %s", (merged_id,))
    await revoke_sessions(db, merged_id)
    await record(db, actor, "user.merge", "user", kept_id, new={"email": merged.email})


async def erase_person(db: Connection, actor: Actor, user_id: int, reason: str) -> None:
    """Raises NotFound, or NotErased with what stands in the way. There is no way back."""
    person = await get_person(db, user_id)
    if person.erased_at is not None:
        raise NotErased("This person's data has been erased already.")
    await record(db, actor, "user.erase", "user", user_id, new={"reason": reason})
    await db.execute(
        "insert into erasures (user_id, reason, erased_by) values (%s, %s, %s)", (user_id, reason, actor.user_id)
    )


async def note_held_request(db: Connection, actor: Actor, user_id: int, reason: str, why_not: str) -> None:
    """That erasure was asked for and could not be done yet, and why: the law wants that on record."""
    await record(db, actor, "user.keep", "user", user_id, new={"reason": f"{reason}: {why_not}"})


async def replay_erasures(db: Connection, erased: list[tuple[int, str]]) -> list[int]:
    """Erases again who was erased after a backup was taken; answers whom. Raises NotErased where the database refuses."""
    done = []
    for user_id, reason in erased:
        cursor = await db.execute(
            "insert into erasures (user_id, reason) select %(id)s, %(reason)s"
            " where exists (select from users where id = %(id)s) on conflict (user_id) do nothing returning user_id",
            {"id": user_id, "reason": reason},
        )
        if await cursor.fetchone() is not None:
            done.append(user_id)
    return done


async def list_erasures(db: Connection) -> list[tuple[int, str]]:
    """Who was erased and why, as replay_erasures takes them."""
    cursor = await db.execute("select user_id, reason from erasures order by erased_at, user_id")
    return [(row["user_id"], row["reason"]) for row in await cursor.fetchall()]
