"""Every penny explained: our ledger held against Stripe's balance and payouts, day by day."""
