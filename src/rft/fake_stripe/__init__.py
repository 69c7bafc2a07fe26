"""A practice Stripe: the part of Stripe's API this product uses, with its own ledger, pay page and webhooks."""
