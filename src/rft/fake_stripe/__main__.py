"""`python -m rft.fake_stripe`: the practice Stripe as a process of its own."""

from rft.fake_stripe.serve import main

if __name__ == "__main__":
    raise SystemExit(main())
