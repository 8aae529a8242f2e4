"""Classifies the tokens of a vocabulary: kinds, scripts, cases, near-duplicates."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bpe_tool.inspect import scripts
from bpe_tool.inspect.scripts import SCRIPTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bpe_tool.inspect.vocab_arrays import VocabArrays

KINDS = ("word", "number", "punctuation", "space", "mixed", "partial", "other")
CASES = ("none", "lower", "upper", "title", "mixed")


def _kind(classes: set[int]) -> str:
    """Return the kind of a token from the classes of its characters, without a leading space."""
    if scripts.UNDECODED in classes:
        return "partial"
    if classes <= {scripts.SPACE}:
        return "space"
    if classes <= {scripts.LETTER, scripts.LOWER, scripts.UPPER, scripts.MARK}:
        return "word"
    if classes <= {scripts.NUMBER}:
        return "number"
    if classes <= {scripts.PUNCTUATION, scripts.SYMBOL}:
        return "punctuation"
    return "other" if scripts.UNKNOWN in classes else "mixed"


class Families:
    """The kind, script and case of each token. Arrays have the shape `(tokens,)`.

    Attributes:
        leads: Whether the token has a leading space.
        kinds: The kind, as an index of `KINDS`.
    """

    def __init__(self, vocab: VocabArrays) -> None:
        codes = vocab.codes
        ends = np.flatnonzero(codes == ord(vocab.separator))
        # The start of each token; a separator follows it.
        self._starts = np.concatenate([[0], ends[:-1] + 1])
        self._classes, self._scripts = scripts.classes_and_scripts(codes)
        self.leads = (codes[self._starts] == ord(" ")) & (ends - self._starts > 1)
        self._bodies = self._starts + self.leads
        #: The classes in the body of each token: bit `n` for class `n`.
        bit = 1 << np.arange(scripts.CLASSES, dtype=np.uint16)
        spans = np.stack([self._bodies, ends], axis=1).ravel()
        self._found = np.bitwise_or.reduceat(bit[self._classes], spans)[::2]
        self.kinds = _KIND_OF[self._found]

    @property
    def partial(self) -> NDArray[np.bool_]:
        """Whether a token is not valid UTF-8."""
        found: NDArray[np.bool_] = self.kinds == KINDS.index("partial")
        return found

    @cached_property
    def scripts(self) -> NDArray[np.int64]:
        """The script of each token, as an index of `SCRIPTS`; `len(SCRIPTS)` if mixed."""
        mixed = len(SCRIPTS)
        largest = np.maximum.reduceat(self._scripts, self._starts)
        lettered = np.where(self._scripts > 0, self._scripts, np.int8(mixed))
        smallest = np.minimum.reduceat(lettered, self._starts)
        return np.where(smallest < largest, mixed, largest).astype(np.int64)

    @cached_property
    def cases(self) -> NDArray[np.int64]:
        """The case of each token, as an index of `CASES`."""
        capital = self._classes == scripts.UPPER
        lower, upper = (self._found >> case & 1 for case in (scripts.LOWER, scripts.UPPER))
        count = np.add.reduceat(capital, self._starts, dtype=np.int32)
        tests = {
            "none": (lower == 0) & (upper == 0),
            "lower": upper == 0,
            "upper": lower == 0,
            "title": capital[self._bodies] & (count == 1),
        }
        return np.select([*tests.values()], [*map(CASES.index, tests)], CASES.index("mixed"))


#: The kind of every set of classes, by its bits.
_KIND_OF = np.array(
    [
        KINDS.index(_kind({n for n in range(scripts.CLASSES) if bits >> n & 1}))
        for bits in range(1 << scripts.CLASSES)
    ]
)


def near_duplicates(
    vocab: VocabArrays, left_out: NDArray[np.bool_], limit: int
) -> tuple[NDArray[np.int64], list[list[int]]]:
    """Find tokens that differ only in case or in the white space around them.

    Args:
        vocab: The vocabulary.
        left_out: Which tokens to ignore: shape `(tokens,)`. Tokens of white space alone are
            always ignored.
        limit: The maximum number of groups to return.

    Returns:
        The sizes of all groups of two or more, int64, and the token indices of the largest.
    """
    keys = list(map(str.strip, vocab.split(vocab.joined.casefold())))
    for index in np.flatnonzero(left_out).tolist():
        keys[index] = ""
    counts = Counter(keys)
    counts[""] = 0
    sizes = np.fromiter(counts.values(), np.int64, len(counts))
    order = np.argsort(-sizes, kind="stable")[: min(limit, int((sizes > 1).sum()))]
    names = list(counts)
    largest: dict[str, list[int]] = {names[at]: [] for at in order.tolist()}
    for index in [index for index, key in enumerate(keys) if key in largest]:
        largest[keys[index]].append(index)
    return sizes[sizes > 1], [*largest.values()]
