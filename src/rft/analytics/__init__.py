"""Visits to the site, counted for those who agreed to it, and for nobody else."""
