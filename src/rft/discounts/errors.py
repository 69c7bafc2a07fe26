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


class OfferTermsFrozen(Refusal):
    status = 409
    title = "An offer keeps its terms"
    sentence = "An offer keeps its terms: end this one and make another."
    rules = ("offers_terms_frozen",)


class AgreedPriceFrozen(Refusal):
    status = 409
    title = "An agreed price stays"
    sentence = "An agreed price stays as it was agreed: end this one and agree another."
    rules = ("organisation_prices_terms_frozen",)


class PriceAlreadyAgreed(Refusal):
    status = 409
    title = "A price is agreed already"
    sentence = "A price is agreed with this organisation for this course on some of these days. End it first."
    rules = ("organisation_prices_one_at_a_time",)
