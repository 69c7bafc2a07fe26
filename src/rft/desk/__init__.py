"""The office's desk: bookings taken on the telephone, and many bookings seen to at once."""
