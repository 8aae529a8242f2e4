"""Which samples share a batch, padded or packed: one policy a file."""
