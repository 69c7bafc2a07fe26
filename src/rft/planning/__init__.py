"""Where and when dates could be: forms with choices, series of dates, calendars, and what would be free instead."""
