"""Text to text: the steps between raw text and the tokenizer, each exact and explainable."""
