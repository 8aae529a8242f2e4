"""What a tokenizer makes of a corpus: measured, summed up and reported."""
