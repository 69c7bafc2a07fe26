"""What can be refused in an organisation's own space."""

from rft.errors import NotAllowed, NotFound


class OrganisationNotShown(NotFound):
    """The same for an organisation that does not exist and for somebody else's."""

    title = "You do not book for this organisation"
    sentence = (
        "Your account does not book for an organisation of this address. Ask its owner, or our office, to add you."
    )


class OwnersOnly(NotAllowed):
    sentence = "Only an owner of the organisation may say who books for it."
