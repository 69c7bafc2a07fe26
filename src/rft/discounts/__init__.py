"""Discount codes: who may pay less, and how much."""
