"""Runs a first-aid training company: bookings, payments, registers and certificates, on PostgreSQL."""

__version__ = "0.1.0"
