"""Two vocabularies compared, and what the difference does to a sample of text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from bpe_tool.inspect.report import Report, Token
from bpe_tool.inspect.show import brief, split_text
from bpe_tool.inspect.tables import token_table
from bpe_tool.inspect.vocabulary import Vocabulary
from bpe_tool.view import Block, Cell, Facts, Table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bpe_tool.tokenizer import Text, Tokenizer

#: How many tokens, documents or words a list has.
SHOWN = 20

#: A word here: what stands between white space, with one space before it as in running text.
WORD = re.compile(rb"\S+")


@dataclass(frozen=True)
class Shift:
    """A token that both have, and the rank of the merge that makes it in each, from 1."""

    bytes: bytes
    rank_a: int
    rank_b: int


@dataclass(frozen=True)
class Change:
    """A text of the sample that the two split differently.

    Attributes:
        raw: The text; of a document, its begin.
        count: How often it occurs.
        tokens_a: Its tokens in the first vocabulary; of a document, none.
        tokens_b: And in the second.
        count_a: How many tokens it has in the first.
        count_b: And in the second.
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
class Sample:
    """What both do to a sample of text.

    Attributes:
        documents: How many documents there are.
        bytes: How many bytes.
        tokens_a: How many tokens the first makes of them.
        tokens_b: And the second.
        changed_documents: How many documents are split differently.
        changed_words: How many distinct words are split differently, with a space before.
        words: How many distinct words there are.
        largest_documents: The documents whose number of tokens changes most, for their
            length.
        largest_words: The words whose number of tokens changes most, times how often they
            occur.
    """

    documents: int
    bytes: int
    tokens_a: int
    tokens_b: int
    changed_documents: int
    changed_words: int
    words: int
    largest_documents: tuple[Change, ...]
    largest_words: tuple[Change, ...]


@dataclass(frozen=True)
class DiffReport(Report):
    """Two vocabularies compared by the bytes of their tokens; special tokens apart.

    Attributes:
        size_a: How many tokens the first has.
        size_b: How many the second has.
        common: How many both have.
        jaccard: `common` as a share of all tokens that either has.
        added: How many only the second has.
        removed: How many only the first has.
        moved: How many both have, with different ids.
        rebuilt: How many both make, of different parts.
        rank_correlation: Spearman's correlation of the ranks at which both make the tokens
            that both make; `None` for fewer than two.
        added_tokens: The first tokens that only the second has, in order of id.
        removed_tokens: Likewise of the first.
        shifts: The tokens whose ranks differ most.
        special_added: Special tokens that only the second has.
        special_removed: Those that only the first has.
        sample: What both do to a sample of text, if there is one.
    """

    SCHEMA: ClassVar[str] = "bpe_tool.inspect.diff/1"
    TITLE: ClassVar[str] = "Two vocabularies"

    size_a: int
    size_b: int
    common: int
    jaccard: float
    added: int
    removed: int
    moved: int
    rebuilt: int
    rank_correlation: float | None
    added_tokens: tuple[Token, ...]
    removed_tokens: tuple[Token, ...]
    shifts: tuple[Shift, ...]
    special_added: tuple[str, ...]
    special_removed: tuple[str, ...]
    sample: Sample | None

    def view(self) -> list[Block]:
        """Return the numbers, then tokens, then the sample."""
        facts: list[tuple[str, Cell]] = [
            ("tokens of A", self.size_a),
            ("tokens of B", self.size_b),
            ("common", self.common),
            ("overlap (Jaccard)", self.jaccard),
            ("only in B", self.added),
            ("only in A", self.removed),
            ("with other ids", self.moved),
            ("made of other parts", self.rebuilt),
            ("correlation of ranks", self.rank_correlation),
        ]
        shifts = [(brief(each.bytes), each.rank_a, each.rank_b) for each in self.shifts]
        blocks: list[Block] = [
            Facts("A and B", facts),
            token_table("Only in B", self.added_tokens),
            token_table("Only in A", self.removed_tokens),
            Table("Ranks that shift most", ("token", "rank in A", "rank in B"), shifts),
        ]
        specials = [(text, "B") for text in self.special_added]
        specials += [(text, "A") for text in self.special_removed]
        if specials:
            blocks.append(Table("Special tokens of one only", ("text", "of"), specials))
        if self.sample is not None:
            blocks += _sample_view(self.sample)
        return blocks


def _sample_view(sample: Sample) -> list[Block]:
    def per_token(tokens: int) -> float | None:
        return sample.bytes / tokens if tokens else None

    facts: list[tuple[str, Cell]] = [
        ("documents", sample.documents),
        ("bytes", sample.bytes),
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
    return [
        Facts("Sample", facts),
        Table("Words that change most", ("word", "count", "in A", "in B"), words),
        Table(
            "Documents that change most",
            ("document", "begins", "tokens of A", "tokens of B"),
            documents,
        ),
    ]


def inspect_diff(a: Tokenizer, b: Tokenizer, texts: Iterable[Text] = ()) -> DiffReport:
    """Compare two vocabularies.

    Args:
        a: The first.
        b: The second.
        texts: Documents to see the difference on.

    Raises:
        DataError: A text is a `str` with a lone surrogate.
    """
    raw = [text.encode() if isinstance(text, str) else bytes(text) for text in texts]
    return diff_report(Vocabulary(a._core), Vocabulary(b._core), raw)


def diff_report(a: Vocabulary, b: Vocabulary, texts: Sequence[bytes] = ()) -> DiffReport:
    """See `inspect_diff`."""
    ids_a, ids_b = _plain(a), _plain(b)
    common = [(token, id, ids_b[token]) for token, id in ids_a.items() if token in ids_b]
    every = len(ids_a) + len(ids_b) - len(common)
    added = [Token(id, token) for token, id in ids_b.items() if token not in ids_a]
    removed = [Token(id, token) for token, id in ids_a.items() if token not in ids_b]
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
        moved=sum(at_a != at_b for _, at_a, at_b in common),
        rebuilt=_rebuilt(a, b, ranks),
        rank_correlation=_correlation(ranks),
        added_tokens=tuple(added[:SHOWN]),
        removed_tokens=tuple(removed[:SHOWN]),
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

    def cuts(vocab: Vocabulary, column: Literal[1, 2]) -> NDArray[np.int64]:
        sizes = np.zeros(vocab.limit, np.int64)
        sizes[vocab.ids] = vocab.lengths
        rows = np.array([each[column] - 1 for each in ranks], np.int64)
        found: NDArray[np.int64] = sizes[vocab.merges[rows, 0]]
        return found

    return int((cuts(a, 1) != cuts(b, 2)).sum())


def _correlation(ranks: Sequence[tuple[bytes, int, int]]) -> float | None:
    if len(ranks) < 2:
        return None
    one, other = (np.argsort(np.argsort([each[at] for each in ranks])) for at in (1, 2))
    return float(np.corrcoef(one, other)[0, 1])


class _Encoded:
    """Texts as the ids of one vocabulary."""

    def __init__(self, vocab: Vocabulary, texts: Sequence[bytes]) -> None:
        self._vocab = vocab
        ids, bounds = vocab.core.encode_arrays(list(texts), "text", False, 0)
        self._ids = np.frombuffer(ids, np.uint32)
        self._bounds = np.frombuffer(bounds, np.int64)
        self.counts = np.diff(self._bounds)

    def tokens(self, row: int) -> tuple[bytes, ...]:
        """Return the tokens of a text."""
        ids = self._ids[self._bounds[row] : self._bounds[row + 1]].tolist()
        return tuple(map(self._vocab.core.id_to_token, ids))


def _sample(a: Vocabulary, b: Vocabulary, texts: Sequence[bytes]) -> Sample:
    one, other = _Encoded(a, texts), _Encoded(b, texts)
    changed = [row for row in range(len(texts)) if one.tokens(row) != other.tokens(row)]
    share = np.abs(one.counts - other.counts) / np.maximum(1, np.maximum(one.counts, other.counts))
    worst = sorted(changed, key=lambda row: (-share[row], row))[:SHOWN]
    words = Counter(b" " + word for text in texts for word in WORD.findall(text))
    listed = list(words)
    word_a, word_b = _Encoded(a, listed), _Encoded(b, listed)
    differ = [row for row in range(len(listed)) if word_a.tokens(row) != word_b.tokens(row)]
    change = np.abs(word_a.counts - word_b.counts)
    heavy = sorted(differ, key=lambda row: (-int(change[row]) * words[listed[row]], listed[row]))
    return Sample(
        documents=len(texts),
        bytes=sum(map(len, texts)),
        tokens_a=int(one.counts.sum()),
        tokens_b=int(other.counts.sum()),
        changed_documents=len(changed),
        changed_words=len(differ),
        words=len(listed),
        largest_documents=tuple(
            Change(
                texts[row][:60], 1, (), (), int(one.counts[row]), int(other.counts[row]), row + 1
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
            for row in heavy[:SHOWN]
        ),
    )
