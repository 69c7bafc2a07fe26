"""What can be refused about organisations."""

from rft.errors import Refusal


class AlreadyMember(Refusal):
    status = 409
    title = "Already a member"
    sentence = "This person already books for the organisation."
    rules = ("organisation_members_pkey",)


class NobodyByThatAddress(Refusal):
    status = 422
    title = "No account"
    sentence = "There is no customer with this e-mail address. It is made when they book for the first time."
