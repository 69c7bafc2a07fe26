"""People who sign in: customers, instructors, admins."""
