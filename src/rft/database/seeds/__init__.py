"""Data to begin with, apart from the migrations: the price list, a demonstration, and as many rows as a test of scale wants."""
