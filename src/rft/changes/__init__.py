"""What changes after booking: places given up, moved, given to somebody else, and whole dates that are cancelled."""
