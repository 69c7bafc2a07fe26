"""Where it is taught."""
