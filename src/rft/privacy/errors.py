"""What can be refused about a person's data."""

from rft.errors import Refusal


class NotMerged(Refusal):
    status = 409
    title = "Not merged"
    sentence = "These accounts cannot be merged."
    rules = ("merged_users_consistent",)


class NotErased(Refusal):
    status = 409
    title = "Not erased"
    sentence = "This person's data cannot be erased yet."
    rules = ("erasures_take_effect",)
