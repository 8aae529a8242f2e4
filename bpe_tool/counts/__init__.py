"""Pretoken counts in files: made on any machine, added up, and what vocabularies are learned from.

`bpe_tool/counts/README.md` describes the files.
"""
