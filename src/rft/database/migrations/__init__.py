"""Alembic's migrations: one table a file, named by its timestamp, each with a real way back."""
