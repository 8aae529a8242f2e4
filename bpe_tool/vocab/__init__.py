"""Vocabulary files: opened, saved, converted."""
