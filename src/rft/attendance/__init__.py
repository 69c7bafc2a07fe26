"""The register: who was there on each day of a course, kept on a phone, with or without a signal."""
