"""Which rows go together in a batch."""
