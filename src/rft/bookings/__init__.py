"""Orders and bookings: from a quote to seats that are held, paid for, confirmed, completed or released."""
