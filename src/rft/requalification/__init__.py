"""Certificates that run out: the ledger, reminders with a link that books, and the demand to come."""
