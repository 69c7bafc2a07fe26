"""What can be refused about a discount code."""

from rft.errors import Refusal


class DiscountNotValid(Refusal):
    """One sentence for every reason: codes are not to be probed."""

    title = "The discount code cannot be used"
    sentence = "This discount code cannot be used for this booking."
    rules = ("bookings_discount_valid",)


class DiscountAmountWrong(Refusal):
    title = "The discount is not what the code gives"
    sentence = "The discount is not what the code gives."
    rules = ("bookings_discount_amount",)


class DiscountTermsFrozen(Refusal):
    status = 409
    title = "This code has been used"
    sentence = "This code has been used: its terms stay."
    rules = ("discount_codes_terms_frozen", "discount_codes_uses_are_derived")
