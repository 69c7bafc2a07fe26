"""PostgreSQL: where it comes from, what is in it, and the rules it keeps."""
