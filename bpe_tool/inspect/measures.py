"""What is added up about a corpus while it is encoded, batch after batch."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bpe_tool.inspect.vocabulary import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The columns of sums: of a group, or of documents that are resampled together.
TOKENS, BYTES, CHARACTERS, WORDS, WORD_TOKENS, WHOLE = range(6)

#: Documents are resampled in so many heaps at most; below, each is one.
HEAPS = 4096

#: Split words are counted exactly up to so many different ones; then rare ones are forgotten.
DIFFERENT_WORDS = 1 << 20


class Measures:
    """Sums over documents, by group, and over the whole corpus.

    Attributes:
        vocab: The vocabulary.
        counts: How often each id occurs: int64, shape `(limit,)`.
        groups: The sums of each group by its name: int64, shape `(6,)`.
        documents: How many documents each group has.
        heaps: Sums of documents for resampling: int64, shape `(HEAPS, 6)`.
        split: How often each word occurs that is not one token.
    """

    def __init__(self, vocab: Vocabulary, special: str = "text", threads: int = 0) -> None:
        self.vocab = vocab
        self._special = special
        self._threads = threads
        self.counts = np.zeros(vocab.limit, np.int64)
        self.groups: dict[str, NDArray[np.int64]] = {}
        self.documents: Counter[str] = Counter()
        self.heaps = np.zeros((HEAPS, 6), np.int64)
        self.split: Counter[bytes] = Counter()

    def add(self, group: str, texts: Sequence[bytes]) -> None:
        """Encode documents of a group and take note of them."""
        core = self.vocab.core
        packed, packed_bounds = core.encode_arrays(texts, self._special, False, self._threads)
        ids, bounds = np.frombuffer(packed, np.uint32), np.frombuffer(packed_bounds, np.int64)
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        self.counts += np.bincount(ids, minlength=len(self.counts))
        sums = np.zeros((len(texts), 6), np.int64)
        sums[:, TOKENS] = np.diff(bounds)
        sums[:, BYTES] = sizes
        row = np.repeat(np.arange(len(texts)), sums[:, TOKENS])
        if (_sums(row, self.vocab.length_of(ids), len(texts)) != sizes).any():
            # A normalizer, or an unknown token: what stands where is known of the tokens only.
            raw, ends = core.decode_arrays(packed, packed_bounds)
            cuts = np.frombuffer(ends, np.int64).tolist()
            texts = [bytes(raw[start:end]) for start, end in pairwise(cuts)]
            sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        self._add_words(texts, sizes, ids, row, sums)
        first = sum(self.documents.values())
        heap = (first + np.arange(len(texts))) % HEAPS
        for column in range(6):
            self.heaps[:, column] += _sums(heap, sums[:, column], HEAPS)
        total = self.groups.setdefault(group, np.zeros(6, np.int64))
        total += sums.sum(axis=0)
        self.documents[group] += len(texts)

    def _add_words(
        self,
        texts: Sequence[bytes],
        sizes: NDArray[np.int64],
        ids: NDArray[np.uint32],
        row: NDArray[np.int64],
        sums: NDArray[np.int64],
    ) -> None:
        # A line end after each, so that no word spans two documents.
        text = b"\n".join(texts) + b"\n"
        ends = np.cumsum(sizes + 1)
        lengths = self.vocab.length_of(ids)
        token_starts = np.cumsum(lengths) - lengths + row
        starts, stops, characters = words(text, ends)
        sums[:, CHARACTERS] = characters
        begun = np.zeros(len(text), np.int8)
        begun[token_starts] = 1
        index = np.cumsum(begun, dtype=np.int32)
        pieces = index[stops - 1] - index[starts] + 1
        document = np.searchsorted(ends, starts, "right")
        sums[:, WORDS] = np.bincount(document, minlength=len(texts))
        sums[:, WORD_TOKENS] = _sums(document, pieces, len(texts))
        sums[:, WHOLE] = np.bincount(document[pieces == 1], minlength=len(texts))
        several = np.flatnonzero(pieces > 1)
        pairs = zip(starts[several].tolist(), stops[several].tolist(), strict=True)
        self.split.update([text[start:stop] for start, stop in pairs])
        if len(self.split) > DIFFERENT_WORDS:
            self.split = Counter(dict(self.split.most_common(DIFFERENT_WORDS // 2)))


def words(
    text: bytes, ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Find the words of documents: runs of letters, marks and numbers as long as can be.

    Args:
        text: The documents, each with a line end after it.
        ends: Where each ends, with its line end.

    Returns:
        Where words begin and end, in bytes, and how many characters each document has.
    """
    raw = np.frombuffer(text, np.uint8)
    inside = _word_characters()[raw]
    if text.isascii():
        characters = np.diff(ends, prepend=0) - 1
    elif _is_utf8(text):
        _mark_multibyte(raw, inside)
        begins = np.cumsum((raw & 0xC0) != 0x80, dtype=np.int64)
        characters = np.diff(begins[ends - 1], prepend=0) - 1
    else:
        return _words_of_any_bytes(text, ends)
    change = np.flatnonzero(np.diff(inside, prepend=False))
    return change[::2], change[1::2], characters


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _mark_multibyte(raw: NDArray[np.uint8], inside: NDArray[np.bool_]) -> None:
    """Say of every byte of characters beyond ASCII whether the character is of a word."""
    inside[raw >= 0x80] = False
    # By the first of the bytes that begin characters of a width, and the bits they hold.
    for width, first, last in ((2, 0xC0, 0xDF), (3, 0xE0, 0xEF), (4, 0xF0, 0xFF)):
        places = np.flatnonzero((raw >= first) & (raw <= last))
        codes = (raw[places] & (0xFF >> (width + 1))).astype(np.int64)
        for step in range(1, width):
            codes = codes << 6 | (raw[places + step] & 0x3F)
        places = places[_word_characters()[codes]]
        for step in range(width):
            inside[places + step] = True


def _words_of_any_bytes(
    text: bytes, ends: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Find words likewise where bytes are outside UTF-8: each is a character of no word."""
    decoded = text.decode("utf-8", "surrogateescape")
    codes = np.frombuffer(decoded.encode("utf-32-le", "surrogatepass"), np.uint32)
    widths = 1 + (codes >= 0x80) + (codes >= 0x800).astype(np.int64) + (codes >= 0x10000)
    widths[(codes >= 0xDC80) & (codes <= 0xDCFF)] = 1
    places = np.cumsum(widths) - widths
    characters = np.diff(np.searchsorted(places, ends), prepend=0) - 1
    change = np.flatnonzero(np.diff(_word_characters()[codes], prepend=False))
    return places[change[::2]], places[change[1::2]], characters


@cache
def _word_characters() -> NDArray[np.bool_]:
    """Return for each character whether it is of a word."""
    found = [unicodedata.category(chr(code))[0] in "LMN" for code in range(sys.maxunicode + 1)]
    return np.array(found)


def _sums(index: NDArray[np.int64], values: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Add values up by index. Exact: the sums of a batch are far below what a double holds."""
    return np.bincount(index, values, size).astype(np.int64)
