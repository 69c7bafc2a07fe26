"""Measurements, each figure beside its limit: pgbench running the same SQL in the same run. `make bench` runs them all."""
