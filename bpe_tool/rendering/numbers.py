"""Numbers in messages and reports."""

from __future__ import annotations


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun, in the singular for one.

    >>> counted(1, "record"), counted(2000, "record"), counted(0, "batch", "batches")
    ('1 record', '2,000 records', '0 batches')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
