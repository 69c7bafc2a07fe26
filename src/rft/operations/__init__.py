"""Running it: health, invariants, retention."""
