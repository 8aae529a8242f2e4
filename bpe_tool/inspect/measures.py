"""What is added up about a corpus while it is encoded, batch after batch."""

from __future__ import annotations

import sys
import unicodedata
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bpe_tool.inspect.vocabulary import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The columns of sums: of a group, or of documents that are resampled together.
TOKENS, BYTES, CHARACTERS, WORDS, WORD_TOKENS, WHOLE = range(6)

#: Documents are resampled in so many heaps at most; below, each is one.
HEAPS = 1024

#: How many batches are worked on at the same time.
AT_ONCE = 2

#: Split words are counted exactly up to so many different ones; then rare ones are forgotten.
DIFFERENT_WORDS = 1 << 20


@dataclass(frozen=True)
class Part:
    """What is added up about some documents of a group.

    Attributes:
        group: The name of the group.
        counts: How often each id occurs: int64, shape `(limit,)`.
        sums: The sums of each document: int64, shape `(documents, 6)`.
        split: The words that are not one token, as often as they occur.
    """

    group: str
    counts: NDArray[np.int64]
    sums: NDArray[np.int64]
    split: list[bytes]


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

    def __init__(self, vocab: Vocabulary, threads: int = 0) -> None:
        self.vocab = vocab
        self._threads = threads
        self.counts = np.zeros(vocab.limit, np.int64)
        self.groups: dict[str, NDArray[np.int64]] = {}
        self.documents: Counter[str] = Counter()
        self.heaps = np.zeros((HEAPS, 6), np.int64)
        self.split: Counter[bytes] = Counter()

    def add_all(self, batches: Iterable[tuple[str, Sequence[bytes]]]) -> None:
        """Take note of documents of groups, some batches at the same time."""
        with ThreadPoolExecutor(min(AT_ONCE, self._threads or AT_ONCE)) as pool:
            waiting: deque[Future[Part]] = deque()
            for group, texts in batches:
                waiting.append(pool.submit(self._measured, group, texts))
                if len(waiting) > AT_ONCE:
                    self._add(waiting.popleft().result())
            while waiting:
                self._add(waiting.popleft().result())

    def _add(self, part: Part) -> None:
        count = len(part.sums)
        self.counts += part.counts
        heap = (self.documents.total() + np.arange(count)) % HEAPS
        for column in range(6):
            self.heaps[:, column] += _sums(heap, part.sums[:, column], HEAPS)
        total = self.groups.setdefault(part.group, np.zeros(6, np.int64))
        total += part.sums.sum(axis=0)
        self.documents[part.group] += count
        self.split.update(part.split)
        if len(self.split) > DIFFERENT_WORDS:
            self.split = Counter(dict(self.split.most_common(DIFFERENT_WORDS // 2)))

    def _measured(self, group: str, texts: Sequence[bytes]) -> Part:
        core = self.vocab.core
        packed, packed_bounds = core.encode_arrays(texts, "text", False, self._threads)
        ids = np.frombuffer(packed, np.uint32).astype(np.int64)
        bounds = np.frombuffer(packed_bounds, np.int64)
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        # Where each token begins in all texts, one after the other; and where the last ends.
        places = np.zeros(len(ids) + 1, np.int64)
        np.cumsum(self.vocab.length_of(ids), out=places[1:])
        if (np.diff(places[bounds]) != sizes).any():
            # A normalizer, or an unknown token: what stands where is known of the tokens only.
            raw, ends = core.decode_arrays(packed, packed_bounds)
            cuts = np.frombuffer(ends, np.int64).tolist()
            texts = [bytes(raw[start:end]) for start, end in pairwise(cuts)]
            sizes = np.diff(cuts)
        sums = np.zeros((len(texts), 6), np.int64)
        sums[:, TOKENS] = np.diff(bounds)
        sums[:, BYTES] = sizes
        # In the text that words are looked for in, a line end is added to each.
        places = places[:-1]
        places += np.repeat(np.arange(len(texts)), sums[:, TOKENS])
        split = _words(texts, np.cumsum(sizes + 1), places, sums)
        return Part(group, np.bincount(ids, minlength=len(self.counts)), sums, split)


def _words(
    texts: Sequence[bytes],
    ends: NDArray[np.int64],
    token_starts: NDArray[np.int64],
    sums: NDArray[np.int64],
) -> list[bytes]:
    """Fill in the sums of each document that are about words; return those that are split."""
    # A line end after each, so that no word spans two documents.
    text = b"\n".join(texts) + b"\n"
    inside, characters = in_words(text, ends)
    change = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    change = np.concatenate([[0], change]) if inside[0] else change
    starts, stops = change[::2], change[1::2]
    # Where a token begins within a word.
    cuts = token_starts[inside.take(token_starts)]
    cuts = cuts[(cuts > 0) & inside.take(cuts - 1)]
    split = np.searchsorted(starts, cuts, "right") - 1
    split = split[np.diff(split, prepend=-1) > 0]
    sums[:, CHARACTERS] = characters
    sums[:, WORDS] = _between(starts, ends)
    sums[:, WORD_TOKENS] = sums[:, WORDS] + _between(cuts, ends)
    sums[:, WHOLE] = sums[:, WORDS] - _between(starts[split], ends)
    pairs = zip(starts[split].tolist(), stops[split].tolist(), strict=True)
    return [text[start:stop] for start, stop in pairs]


def _between(places: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many of some places, in order, each document has."""
    return np.diff(np.searchsorted(places, ends), prepend=0)


def in_words(text: bytes, ends: NDArray[np.int64]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Find the words of documents: runs of letters, marks and numbers as long as can be.

    Args:
        text: The documents, each with a line end after it.
        ends: Where each ends, with its line end.

    Returns:
        Which bytes are in words, shape `(bytes,)`, and how many characters each document has.
    """
    raw = np.frombuffer(text, np.uint8)
    inside = np.frombuffer(bytearray(text).translate(_BYTES_OF_WORDS), bool)
    if text.isascii():
        return inside, np.diff(ends, prepend=0) - 1
    if not _is_utf8(text):
        return _in_words_of_any_bytes(text, ends)
    more = _mark_multibyte(raw, inside, ends)
    return inside, np.diff(ends, prepend=0) - 1 - more


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _mark_multibyte(
    raw: NDArray[np.uint8], inside: NDArray[np.bool_], ends: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Say of every byte of characters beyond ASCII whether the character is of a word.

    Returns:
        How many bytes more than characters each document has.
    """
    more = np.zeros(len(ends), np.int64)
    leads = np.flatnonzero(raw >= 0xC0)
    values = raw[leads]
    # By the first of the bytes that begin characters of a width, and the bits they hold.
    for width, first, last in ((2, 0xC0, 0xDF), (3, 0xE0, 0xEF), (4, 0xF0, 0xFF)):
        chosen = (values >= first) & (values <= last)
        places = leads[chosen]
        more += (width - 1) * _between(places, ends)
        codes = (values[chosen] & (0xFF >> (width + 1))).astype(np.int32)
        for step in range(1, width):
            codes = codes << 6 | (raw[places + step] & 0x3F)
        places = places[_is_of_word(codes)]
        for step in range(width):
            inside[places + step] = True
    return more


def _in_words_of_any_bytes(
    text: bytes, ends: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Find words likewise where bytes are outside UTF-8: each is a character of no word."""
    decoded = text.decode("utf-8", "surrogateescape")
    codes = np.frombuffer(decoded.encode("utf-32-le", "surrogatepass"), np.uint32)
    widths = 1 + (codes >= 0x80) + (codes >= 0x800).astype(np.int64) + (codes >= 0x10000)
    widths[(codes >= 0xDC80) & (codes <= 0xDCFF)] = 1
    places = np.cumsum(widths) - widths
    return np.repeat(_is_of_word(codes), widths), _between(places, ends) - 1


#: For each character: 1 if it is of a word, 0 if not, -1 as long as nobody has asked.
_OF_WORD = np.full(sys.maxunicode + 1, -1, np.int8)


def _is_of_word(codes: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return of each character whether it is a letter, a mark or a number."""
    found = _OF_WORD[codes]
    if (found < 0).any():
        asked = np.zeros(len(_OF_WORD), bool)
        asked[codes] = True
        for code in np.flatnonzero(asked & (_OF_WORD < 0)).tolist():
            _OF_WORD[code] = unicodedata.category(chr(code))[0] in "LMN"
        found = _OF_WORD[codes]
    of_word: NDArray[np.bool_] = found > 0
    return of_word


#: For each byte: 1 if it is a character of a word by itself.
_BYTES_OF_WORDS = bytes(_is_of_word(np.arange(0x80))) + bytes(0x80)


def _sums(index: NDArray[np.int64], values: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Add values up by index. Exact: the sums of a batch are far below what a double holds."""
    return np.bincount(index, values, size).astype(np.int64)
