"""Which ids belong to the same word, for objectives that mask whole words."""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, Self, final

import numpy as np
from numpy.typing import NDArray

from bpe_tool import checks
from bpe_tool.errors import ArgumentError, DataError, UnknownIdError
from bpe_tool.id_arrays import whole_numbers

# Scripts without spaces between words. In them, each token counts as a word.
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)

# First bytes of characters that are mostly letters of scripts with spaces. Nothing more is known
# of a character of which a token holds only the start.
_LETTER_LEADS = {*range(0xC3, 0xE2), *range(0xEA, 0xEE)}


class Vocabulary(Protocol):
    """What is asked of a `Tokenizer`."""

    def id_to_bytes(self, id: int, /) -> bytes:
        """Return the bytes of an id."""

    def __len__(self) -> int: ...


@final
@dataclass(frozen=True, slots=True, eq=False)
class WordEdges:
    """Which ids can continue a word, and which can be continued.

    Two neighbours are parts of one word if the first one is open to the `right` and the second
    one to the `left`.

    Attributes:
        left: For each id, whether it can continue the word before it: bool, `(ids,)`.
        right: For each id, whether the word at its end can be continued: bool, `(ids,)`.
    """

    left: NDArray[np.bool_]
    right: NDArray[np.bool_]

    def __post_init__(self) -> None:
        for name in ("left", "right"):
            value = getattr(self, name)
            if not isinstance(value, np.ndarray) or value.dtype != bool or value.ndim != 1:
                raise checks.wrong_type(name, value, "an array of bool with one dimension")
        if len(self.left) != len(self.right):
            raise ArgumentError("left and right edges are not equally long")

    @classmethod
    def of(cls, tokenizer: Vocabulary) -> Self:
        """Return the word edges of a vocabulary, from the bytes of its tokens.

        A word is a run of letters, digits and marks, as in BERT, with the space before it. So
        ` un`, `believ`, `able` are one word; punctuation, and a token that begins with a space,
        begin another. A character that is split into several tokens stays whole. In scripts
        without spaces between words (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar) each
        token is a word. Python's Unicode tables classify characters.

        Args:
            tokenizer: The vocabulary.
        """
        if not hasattr(tokenizer, "id_to_bytes"):
            raise checks.wrong_type("tokenizer", tokenizer, "a Tokenizer")
        edges: dict[int, tuple[bool, bool]] = {}
        id = 0
        # Ids may have gaps.
        while len(edges) < len(tokenizer):
            with suppress(UnknownIdError):
                edges[id] = _edges(tokenizer.id_to_bytes(id))
            id += 1
        left, right = np.zeros(id, bool), np.zeros(id, bool)
        for at, (opens_left, opens_right) in edges.items():
            left[at], right[at] = opens_left, opens_right
        return cls(left, right)

    def begins(self, ids: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return which ids of one text begin a word: bool, of the shape `(ids,)`.

        Raises:
            DataError: An id is not in the vocabulary.
        """
        ids = whole_numbers("ids", ids)
        if ids.size and int(ids.max()) >= len(self.left):
            raise DataError(f"the id {int(ids.max())} is not in the vocabulary of the words")
        found = np.ones(len(ids), bool)
        found[1:] = ~(self.right[ids[:-1]] & self.left[ids[1:]])
        return found


def _edges(token: bytes) -> tuple[bool, bool]:
    """Return whether a token is open to the left, and to the right."""
    # Bytes that are not a whole character become code points from U+DC80 on.
    text = token.decode("utf-8", "surrogateescape")
    if not text:
        return False, False
    first, last = text[0], text[-1]
    if _is_part(first):
        byte = ord(first) & 0xFF
        opens_left = byte < 0xC0 or byte in _LETTER_LEADS
    else:
        opens_left = _is_mark(first) or _is_letter(first)
    return opens_left, _is_part(last) or _is_letter(last)


def _is_part(character: str) -> bool:
    return "\udc80" <= character <= "\udcff"


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _is_letter(character: str) -> bool:
    """Return whether a character can be part of a word of several tokens."""
    if any(start <= ord(character) <= end for start, end in _UNSPACED):
        return False
    return character.isalnum() or _is_mark(character)
