"""The shop of the payments' tests serves here too: what goes back is compared with the practice Stripe's own books."""

from tests.features.payments.conftest import practice_stripe, shop

__all__ = ["practice_stripe", "shop"]
