"""Certificates, after completion only."""
