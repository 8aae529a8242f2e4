"""Recognizes published `.tiktoken` files that are cut off: they do not tell their own length.

A file is recognized by how it begins. Longer vocabularies may begin with a shorter one, as
p50k_base does with r50k_base and Qwen's with cl100k_base, so only too few tokens are a sign.
"""

from __future__ import annotations

from typing import NamedTuple

from bpe_tool.vocab.published import digest

#: The alphabet, and more than a hundred merges: no two trainings agree on these.
_BEGINNING = 4096

#: The SHA-256 of how a file begins; its name, and the number of its tokens.
_FILES = {
    "cc16a629039d59d030f9b352f530b700dbc5878eb813fcb80c17239a062e90b4": ("r50k_base", 50_256),
    "952119f2e770735f82678a72c305e80aebd527e2fe7b87e641db3a21c3052890": ("cl100k_base", 100_256),
    "30ce64a194e0790dff0acfcfc05bead48c42e4ba085474e2a013dc9b6ffd24f7": ("o200k_base", 199_998),
}


class Cut(NamedTuple):
    """A published file of which a part is missing."""

    name: str
    tokens: int
    found: int


def find_cut(data: bytes) -> Cut | None:
    """Return what is known of a `.tiktoken` file if it is the beginning of a published one."""
    known = _FILES.get(digest(data[:_BEGINNING]))
    if known is None:
        return None
    found = data.rstrip(b"\r\n").count(b"\n") + 1
    return Cut(*known, found) if found < known[1] else None
