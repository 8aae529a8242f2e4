"""Reads and writes bytes, documents and ids, in every form that the command line knows."""
