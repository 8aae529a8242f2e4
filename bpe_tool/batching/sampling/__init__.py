"""Which samples there are, and in what order."""
