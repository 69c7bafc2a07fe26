"""Adds and changes organisations, and who books for them, in the caller's transaction."""

from typing import Any

from rft.audit.service import Actor, record
from rft.database.edit import insert, update
from rft.database.pool import Connection
from rft.errors import NotFound
from rft.kit.references import new_reference
from rft.organisations.errors import NobodyByThatAddress
from rft.organisations.schemas import MemberRequest, OrganisationRequest, SiteRequest


async def create_organisation(db: Connection, actor: Actor, asked: OrganisationRequest) -> int:
    """Answers the new id."""
    values = asked.model_dump()
    organisation_id = await insert(db, "organisations", {**values, "reference": new_reference("ORG")})
    await record(db, actor, "organisation.create", "organisation", organisation_id, new=values)
    return organisation_id


async def change_organisation(db: Connection, actor: Actor, organisation_id: int, changes: dict[str, Any]) -> None:
    """Raises NotFound. A limit below what is owed already stops further orders, and takes nothing back."""
    before = await update(db, "organisations", organisation_id, changes)
    changed = {name: value for name, value in changes.items() if before[name] != value}
    if changed:
        old = {name: before[name] for name in changed}
        await record(db, actor, "organisation.change", "organisation", organisation_id, old=old, new=changed)


async def add_member(db: Connection, actor: Actor, organisation_id: int, asked: MemberRequest) -> None:
    """Raises NobodyByThatAddress, AlreadyMember."""
    cursor = await db.execute(
        "select id from users where lower(email) = lower(%s) and is_active and role = 'customer'", (asked.email,)
    )
    person = await cursor.fetchone()
    if person is None:
        raise NobodyByThatAddress(errors={"email": NobodyByThatAddress.sentence})
    await db.execute(
        "insert into organisation_members (organisation_id, user_id, role) values (%s, %s, %s)",
        (organisation_id, person["id"], asked.role),
    )
    new = {"email": asked.email, "role": asked.role}
    await record(db, actor, "organisation.add_member", "organisation", organisation_id, new=new)


async def remove_member(db: Connection, actor: Actor, organisation_id: int, user_id: int) -> None:
    """What they booked stays the organisation's. Raises NotFound."""
    cursor = await db.execute(
        """
        delete from organisation_members as member using users as person
         where person.id = member.user_id and member.organisation_id = %s and member.user_id = %s
        returning person.email, member.role
        """,
        (organisation_id, user_id),
    )
    gone = await cursor.fetchone()
    if gone is None:
        raise NotFound("This person does not book for the organisation.")
    await record(db, actor, "organisation.remove_member", "organisation", organisation_id, old=gone)


async def add_site(db: Connection, actor: Actor, organisation_id: int, asked: SiteRequest) -> None:
    await insert(db, "organisation_sites", {"organisation_id": organisation_id, **asked.model_dump()})
    await record(db, actor, "organisation.add_site", "organisation", organisation_id, new=asked.model_dump())


async def put_on_account(db: Connection, order_id: int, organisation_id: int) -> None:
    """From now on the order is the organisation's. An order keeps the first organisation it was put on."""
    await db.execute(
        "insert into order_organisations (order_id, organisation_id) values (%s, %s) on conflict (order_id) do nothing",
        (order_id, organisation_id),
    )
