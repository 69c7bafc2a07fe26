"""Mail: written, kept in the outbox, given to the mail server, logged."""
