"""Money that organisations owe: approving it, chasing it, and finding it on bank statements."""
