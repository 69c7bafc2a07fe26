"""Dated runs of courses: when, where, with whom, and how many seats are left."""
