"""Compares two vocabularies, and what they do to a sample of text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from bpe_tool import checks
from bpe_tool.inspect.diff_report import Change, DiffReport, Move, Sample, Shift
from bpe_tool.inspect.report import Token
from bpe_tool.inspect.token_table import Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bpe_tool.tokenizer import Text, Tokenizer

#: How many tokens, documents or words a list has.
SHOWN = 20

#: How many bytes of a document are given.
BEGIN = 60

#: A word here: what stands between white space, with one space before it as in running text.
WORD = re.compile(rb"\S+")


def inspect_diff(a: Tokenizer, b: Tokenizer, texts: Iterable[Text] = ()) -> DiffReport:
    """Compare two vocabularies.

    Args:
        a: The first.
        b: The second.
        texts: Documents to see the difference on.

    Raises:
        DataError: A text is a `str` with a lone surrogate.
    """
    one, other = checks.core_of("a", a), checks.core_of("b", b)
    several = checks.several("texts", texts, "several texts")
    raw = [checks.as_bytes(f"texts[{row}]", text) for row, text in enumerate(several)]
    return diff_report(Vocabulary(one), Vocabulary(other), raw)


def diff_report(a: Vocabulary, b: Vocabulary, texts: Sequence[bytes] = ()) -> DiffReport:
    """See `inspect_diff`."""
    ids_a, ids_b = _plain(a), _plain(b)
    common = [(token, id, ids_b[token]) for token, id in ids_a.items() if token in ids_b]
    every = len(ids_a) + len(ids_b) - len(common)
    added = [Token(id, token) for token, id in ids_b.items() if token not in ids_a]
    removed = [Token(id, token) for token, id in ids_a.items() if token not in ids_b]
    moved = [each for each in common if each[1] != each[2]]
    ranks = [(token, int(a.ranks[at_a]), int(b.ranks[at_b])) for token, at_a, at_b in common]
    ranks = [each for each in ranks if each[1] and each[2]]
    shifts = sorted(ranks, key=lambda each: (-abs(each[1] - each[2]), each[1]))
    specials_a, specials_b = a.core.special_tokens, b.core.special_tokens
    return DiffReport(
        size_a=len(ids_a),
        size_b=len(ids_b),
        common=len(common),
        jaccard=len(common) / every if every else 1.0,
        added=len(added),
        removed=len(removed),
        moved=len(moved),
        rebuilt=_rebuilt(a, b, ranks),
        rank_correlation=_correlation(ranks),
        added_tokens=tuple(added[:SHOWN]),
        removed_tokens=tuple(removed[:SHOWN]),
        moves=tuple(Move(*each) for each in moved[:SHOWN]),
        shifts=tuple(Shift(*each) for each in shifts[:SHOWN] if each[1] != each[2]),
        special_added=tuple(text for text in specials_b if text not in specials_a),
        special_removed=tuple(text for text in specials_a if text not in specials_b),
        sample=_sample(a, b, texts) if texts else None,
    )


def _plain(vocab: Vocabulary) -> dict[bytes, int]:
    """Return the ids of all tokens that are not special, in order of id."""
    indices = np.flatnonzero(~vocab.special).tolist()
    return {vocab.bytes_of(at): int(vocab.ids[at]) for at in indices}


def _rebuilt(a: Vocabulary, b: Vocabulary, ranks: Sequence[tuple[bytes, int, int]]) -> int:
    """Count the tokens that are joined where the other vocabulary does not."""

    def cuts(vocab: Vocabulary, column: Literal[1, 2]) -> NDArray[np.int32]:
        rows = np.array([each[column] - 1 for each in ranks], np.int64)
        return vocab.length_of(vocab.merges[rows, 0])

    return int((cuts(a, 1) != cuts(b, 2)).sum())


def _correlation(ranks: Sequence[tuple[bytes, int, int]]) -> float | None:
    if len(ranks) < 2:
        return None
    one, other = (np.argsort(np.argsort([each[at] for each in ranks])) for at in (1, 2))
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / np.sqrt((one * one).sum() * (other * other).sum()))


class _Encoded:
    """Texts as the tokens of one vocabulary.

    Attributes:
        counts: How many tokens each text has: int64, shape `(texts,)`.
        lengths: Of each token in bytes, text after text.
    """

    def __init__(self, vocab: Vocabulary, texts: Sequence[bytes]) -> None:
        self._core = vocab.core
        ids, bounds = vocab.core.encode_arrays(list(texts), "text", False, 0)
        self._ids = np.frombuffer(ids, np.uint32)
        self._bounds = np.frombuffer(bounds, np.int64)
        self.counts = np.diff(self._bounds)
        self.lengths = vocab.length_of(self._ids.astype(np.int64))

    def tokens(self, row: int) -> tuple[bytes, ...]:
        """Return the tokens of a text."""
        ids = self._ids[self._bounds[row] : self._bounds[row + 1]].tolist()
        return tuple(map(self._core.id_to_token, ids))


def _changed(one: _Encoded, other: _Encoded) -> NDArray[np.bool_]:
    """Return which texts are split differently: shape `(texts,)`."""
    changed: NDArray[np.bool_] = one.counts != other.counts
    same = ~changed
    row = np.repeat(np.arange(len(same)), one.counts)[np.repeat(same, one.counts)]
    left, right = (each.lengths[np.repeat(same, each.counts)] for each in (one, other))
    changed[row[left != right]] = True
    return changed


def _sample(a: Vocabulary, b: Vocabulary, texts: Sequence[bytes]) -> Sample:
    one, other = _Encoded(a, texts), _Encoded(b, texts)
    changed = _changed(one, other)
    share = np.abs(one.counts - other.counts) / np.maximum(1, np.maximum(one.counts, other.counts))
    worst = _largest(np.where(changed, share, -1), int(changed.sum()))
    words = Counter(b" " + word for text in texts for word in WORD.findall(text))
    listed = sorted(words)
    word_a, word_b = _Encoded(a, listed), _Encoded(b, listed)
    differ = _changed(word_a, word_b)
    often = np.array([words[word] for word in listed], np.int64)
    weight = np.abs(word_a.counts - word_b.counts) * often
    heavy = _largest(np.where(differ, weight, -1), int(differ.sum()))
    return Sample(
        documents=len(texts),
        bytes=sum(map(len, texts)),
        tokens_a=int(one.counts.sum()),
        tokens_b=int(other.counts.sum()),
        changed_documents=int(changed.sum()),
        changed_words=int(differ.sum()),
        words=len(listed),
        largest_documents=tuple(
            Change(
                raw=texts[row][:BEGIN],
                count=1,
                tokens_a=(),
                tokens_b=(),
                count_a=int(one.counts[row]),
                count_b=int(other.counts[row]),
                document=row + 1,
            )
            for row in worst
        ),
        largest_words=tuple(
            Change(
                raw=listed[row],
                count=words[listed[row]],
                tokens_a=word_a.tokens(row),
                tokens_b=word_b.tokens(row),
                count_a=int(word_a.counts[row]),
                count_b=int(word_b.counts[row]),
            )
            for row in heavy
        ),
    )


def _largest(values: NDArray[np.int64] | NDArray[np.float64], count: int) -> list[int]:
    """Return where the largest values are, the first of equals first: at most `count`."""
    found: list[int] = np.argsort(-values, kind="stable")[: min(count, SHOWN)].tolist()
    return found
