"""What is taught: the catalogue of courses."""
