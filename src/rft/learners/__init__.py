"""Attendees: the link that each of them gets, and what they tell us with it before the course."""
