"""What is learned of a batch: labels, masks, responses."""
