"""Two vocabularies compared: the values of the report, and what is shown of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bpe_tool.inspect.report import Report, Token
from bpe_tool.inspect.token_cells import token_table
from bpe_tool.rendering.blocks import Block, Cell, Facts, Table
from bpe_tool.rendering.tokens import brief, split_text


@dataclass(frozen=True)
class Shift:
    """A token that both have, and the rank of the merge that makes it in each, from 1."""

    bytes: bytes
    rank_a: int
    rank_b: int


@dataclass(frozen=True)
class Move:
    """A token that both have, with its id in each."""

    bytes: bytes
    id_a: int
    id_b: int


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
        moves: The first tokens with different ids, in order of id in the first.
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
    moves: tuple[Move, ...]
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
        moves = [(brief(each.bytes), str(each.id_a), str(each.id_b)) for each in self.moves]
        shifts = [(brief(each.bytes), each.rank_a, each.rank_b) for each in self.shifts]
        blocks: list[Block] = [
            Facts("A and B", facts),
            token_table("Only in B", self.added_tokens, total=self.added),
            token_table("Only in A", self.removed_tokens, total=self.removed),
            Table("With other ids", ("token", "id in A", "id in B"), moves),
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
