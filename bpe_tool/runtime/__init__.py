"""Signals, cleanup, lack of memory, and threads."""
