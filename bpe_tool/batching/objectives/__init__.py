"""What a model learns from a batch: labels, hidden ids, responses."""
