"""Compares two vocabularies on the same documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from bpe_tool.inspect.report import BYTES_IN_JSON
from bpe_tool.inspect.vocab_arrays import VocabArrays
from bpe_tool.rendering.blocks import Block, Cell, Facts, GroupedBars, Table
from bpe_tool.rendering.tokens import brief, split_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The maximum number of documents or words in a list.
SHOWN = 20

#: How many bytes of a document a report has.
BEGIN = 60

#: A word here: a run without white space, with one space before it as in running text.
WORD = re.compile(rb"\S+")


@dataclass(frozen=True)
class SplitDifference:
    """A word or document that the two vocabularies split differently.

    Attributes:
        raw: The word, or the beginning of the document.
        count: How often it occurs.
        tokens_a: The tokens of the word in the first vocabulary; empty for a document.
        tokens_b: The same in the second vocabulary.
        count_a: The number of tokens in the first vocabulary.
        count_b: The number of tokens in the second vocabulary.
        document: The number of the document, from 1; 0 for a word.
    """

    raw: bytes
    count: int
    tokens_a: tuple[bytes, ...]
    tokens_b: tuple[bytes, ...]
    count_a: int
    count_b: int
    document: int = 0


@dataclass(frozen=True)
class SampleGroup:
    """The documents of one file, or of one language, in both vocabularies.

    Attributes:
        name: Its name.
        documents: The number of documents.
        byte_count: The number of bytes.
        tokens_a: The number of tokens in the first vocabulary.
        tokens_b: The number of tokens in the second vocabulary.
    """

    name: str
    documents: int
    byte_count: int = field(metadata=BYTES_IN_JSON)
    tokens_a: int
    tokens_b: int


@dataclass(frozen=True)
class Sample:
    """How both vocabularies split a sample of text.

    Attributes:
        documents: The number of documents.
        byte_count: The number of bytes.
        tokens_a: The number of tokens in the first vocabulary.
        tokens_b: The number of tokens in the second vocabulary.
        changed_documents: The number of documents that are split differently.
        changed_words: The number of distinct words that, after a space, are split differently.
        words: The number of distinct words.
        groups: The groups of documents.
        largest_documents: The documents whose number of tokens changes most, relative to their
            length.
        largest_words: The words whose number of tokens changes most, weighted by how often they
            occur.
    """

    documents: int
    byte_count: int = field(metadata=BYTES_IN_JSON)
    tokens_a: int
    tokens_b: int
    changed_documents: int
    changed_words: int
    words: int
    groups: tuple[SampleGroup, ...]
    largest_documents: tuple[SplitDifference, ...]
    largest_words: tuple[SplitDifference, ...]


def sample_view(sample: Sample) -> list[Block]:
    """Return the numbers of a sample, then its words and documents."""

    def per_token(tokens: int) -> float | None:
        return sample.byte_count / tokens if tokens else None

    facts: list[tuple[str, Cell]] = [
        ("documents", sample.documents),
        ("bytes", sample.byte_count),
        ("tokens of A", sample.tokens_a),
        ("tokens of B", sample.tokens_b),
        ("bytes per token of A", per_token(sample.tokens_a)),
        ("bytes per token of B", per_token(sample.tokens_b)),
        ("documents split differently", sample.changed_documents),
        ("words split differently", f"{sample.changed_words:,} of {sample.words:,}"),
    ]
    words = [
        (brief(each.raw), each.count, split_text(each.tokens_a), split_text(each.tokens_b))
        for each in sample.largest_words
    ]
    documents = [
        (str(each.document), brief(each.raw), each.count_a, each.count_b)
        for each in sample.largest_documents
    ]
    told = [group for group in sample.groups if group.tokens_a and group.tokens_b]
    return [
        Facts("Sample", facts),
        *_group_view(told if len(sample.groups) > 1 else []),
        Table("Words that change most", ("word", "count", "in A", "in B"), words),
        Table(
            "Documents that change most",
            ("document", "begins", "tokens of A", "tokens of B"),
            documents,
        ),
    ]


def _group_view(groups: Sequence[SampleGroup]) -> list[Block]:
    if not groups:
        return []
    rates = [
        (group.byte_count / group.tokens_a, group.byte_count / group.tokens_b) for group in groups
    ]
    rows = [
        (group.name, group.documents, group.tokens_a, group.tokens_b, *both, both[1] / both[0])
        for group, both in zip(groups, rates, strict=True)
    ]
    columns = (
        "group", "documents", "tokens of A", "tokens of B", "bytes per token of A", "of B",
        "B relative to A",
    )  # fmt: skip
    names = [group.name for group in groups]
    return [
        GroupedBars("Bytes per token", names, ("A", "B"), rates),
        Table("Groups", columns, rows),
    ]


class _Encoded:
    """Texts as the tokens of one vocabulary.

    Attributes:
        counts: The number of tokens of each text: int64, shape `(texts,)`.
        lengths: The length of each token in bytes, text after text.
    """

    def __init__(self, vocab: VocabArrays, texts: Sequence[bytes]) -> None:
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


def compare_on(a: VocabArrays, b: VocabArrays, groups: Mapping[str, Sequence[bytes]]) -> Sample:
    """Compare two vocabularies on groups of documents."""
    texts = [text for group in groups.values() for text in group]
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
        byte_count=sum(map(len, texts)),
        tokens_a=int(one.counts.sum()),
        tokens_b=int(other.counts.sum()),
        changed_documents=int(changed.sum()),
        changed_words=int(differ.sum()),
        words=len(listed),
        groups=_groups(groups, one.counts, other.counts),
        largest_documents=tuple(
            SplitDifference(
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
            SplitDifference(
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


def _groups(
    groups: Mapping[str, Sequence[bytes]], one: NDArray[np.int64], other: NDArray[np.int64]
) -> tuple[SampleGroup, ...]:
    found = []
    start = 0
    for name, texts in groups.items():
        end = start + len(texts)
        tokens = (int(counts[start:end].sum()) for counts in (one, other))
        found.append(SampleGroup(name, len(texts), sum(map(len, texts)), *tokens))
        start = end
    return tuple(found)


def _largest(values: NDArray[np.int64] | NDArray[np.float64], count: int) -> list[int]:
    """Return the indices of the `count` largest values, at most `SHOWN`; ties in order."""
    found: list[int] = np.argsort(-values, kind="stable")[: min(count, SHOWN)].tolist()
    return found
