"""The activity log: who in the office did what."""
