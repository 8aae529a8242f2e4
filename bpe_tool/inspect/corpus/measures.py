"""Adds up measures of a corpus while it is encoded, batch after batch."""

from __future__ import annotations

import unicodedata
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from bpe_tool.inspect.vocab_arrays import VocabArrays
from bpe_tool.runtime.pool import Pool

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The columns of sums: of a group, or of documents that are resampled together.
TOKENS, BYTES, CHARACTERS, WORDS, WORD_TOKENS, WHOLE = range(6)

#: The number of groups in which documents are resampled. With fewer documents, each is a group.
HEAPS = 1024

#: How many batches are measured at the same time.
AT_ONCE = 2

#: How many different split words are counted exactly; beyond that, rare ones are dropped.
DIFFERENT_WORDS = 1 << 20


@dataclass(frozen=True)
class Part:
    """The measures of some documents of a group.

    Attributes:
        group: The name of the group.
        counts: How often each id occurs: int64, shape `(limit,)`.
        sums: The sums of each document: int64, shape `(documents, 6)`.
        split: How often each word of several tokens occurs.
    """

    group: str
    counts: NDArray[np.int64]
    sums: NDArray[np.int64]
    split: dict[bytes, int]


class Measures:
    """Sums over documents, by group, and over the whole corpus.

    Attributes:
        vocab: The vocabulary.
        counts: How often each id occurs: int64, shape `(limit,)`.
        groups: The sums of each group by its name: int64, shape `(6,)`.
        documents: How many documents each group has.
        heaps: Sums of documents for resampling: int64, shape `(HEAPS, 6)`.
        split: How often each word of several tokens occurs.
    """

    def __init__(self, vocab: VocabArrays, threads: int = 0) -> None:
        self.vocab = vocab
        self._threads = threads
        self.counts = np.zeros(vocab.limit, np.int64)
        self.groups: dict[str, NDArray[np.int64]] = {}
        self.documents: Counter[str] = Counter()
        self.heaps = np.zeros((HEAPS, 6), np.int64)
        self.split: Counter[bytes] = Counter()

    def add_all(self, batches: Iterable[tuple[str, Sequence[bytes]]]) -> None:
        """Measure batches of documents, each with its group; some at the same time."""
        with Pool(min(AT_ONCE, self._threads or AT_ONCE)) as pool:
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
        # Documents go to the heaps in turn, so that whole rounds can be added at once.
        first = self.documents.total() % HEAPS
        dealt = np.zeros((-(-(first + count) // HEAPS) * HEAPS, 6), np.int64)
        dealt[first : first + count] = part.sums
        self.heaps += dealt.reshape(-1, HEAPS, 6).sum(axis=0)
        total = self.groups.setdefault(part.group, np.zeros(6, np.int64))
        total += part.sums.sum(axis=0)
        self.documents[part.group] += count
        self.split.update(part.split)
        if len(self.split) > DIFFERENT_WORDS:
            self.split = Counter(dict(self.split.most_common(DIFFERENT_WORDS // 2)))

    def _measured(self, group: str, texts: Sequence[bytes]) -> Part:
        counts, sums, split = self.vocab.core.measure(texts, of_words(), self._threads)
        table = np.frombuffer(sums, np.int64).reshape(-1, 6)
        return Part(group, np.frombuffer(counts, np.int64), table, split)


@cache
def of_words() -> bytes:
    """Return which characters belong to words: letters, marks and numbers.

    Returns:
        1 or 0 for each code point, up to the last that belongs to words.
    """
    # Planes 4 to 13 have no characters, and 15 and 16 are private.
    planes = (*range(4), 14)
    found = np.zeros((15, 1 << 16), np.uint8)
    for plane in planes:
        codes = range(plane << 16, (plane + 1) << 16)
        names = "".join(map(unicodedata.category, map(chr, codes)))
        found[plane] = np.isin(np.frombuffer(names.encode(), np.uint8)[::2], list(b"LMN"))
    return found.tobytes().rstrip(b"\0")
