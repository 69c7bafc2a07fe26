"""Organisations: employers that book for their staff, who may book for them, and on what terms."""
