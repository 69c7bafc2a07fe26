"""The waiting list of dates that are full, and the offers that are made from it."""
