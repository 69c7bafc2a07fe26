"""Who may enter an organisation's space: its members, and nobody else, whatever their role with us."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from rft.audit.service import Actor
from rft.organisations.queries import Organisation, find_organisation
from rft.passports.errors import OrganisationNotShown, OwnersOnly
from rft.passports.queries import find_role
from rft.web.dependencies import Caller, Db, require_role

AnyCaller = Annotated[Caller, Depends(require_role("customer", "instructor", "admin"))]


@dataclass(frozen=True, slots=True)
class Membership:
    """Who asks, for which organisation, and as what."""

    organisation: Organisation
    role: str
    user_id: int
    actor: Actor

    @property
    def is_owner(self) -> bool:
        return self.role == "owner"

    @property
    def address(self) -> str:
        return f"/organisation/{self.organisation.reference}"


async def get_membership(reference: str, caller: AnyCaller, database: Db) -> Membership:
    """Raises OrganisationNotShown."""
    async with database.connection() as db:
        organisation = await find_organisation(db, reference)
        role = await find_role(db, organisation.id, caller.user_id) if organisation is not None else None
    if organisation is None or role is None or not organisation.is_active:
        raise OrganisationNotShown
    return Membership(organisation, role, caller.user_id, caller.actor)


async def get_ownership(membership: Annotated[Membership, Depends(get_membership)]) -> Membership:
    """Raises OwnersOnly."""
    if not membership.is_owner:
        raise OwnersOnly
    return membership


Own = Annotated[Membership, Depends(get_membership)]
Owner = Annotated[Membership, Depends(get_ownership)]
