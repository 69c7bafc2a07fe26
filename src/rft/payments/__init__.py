"""Money: payment pages, the ledger, and what Stripe tells us."""
