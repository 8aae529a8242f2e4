"""The report on a corpus: its values, and how they are shown."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from bpe_tool.inspect.report import BYTES_IN_JSON, Report, Token
from bpe_tool.inspect.tables import token_table
from bpe_tool.rendering.blocks import Bars, Block, Cell, Curve, Facts, Table
from bpe_tool.rendering.tokens import brief, split_text


@dataclass(frozen=True)
class Ratio:
    """A ratio of two sums over the corpus, with a 95 % interval from resampled documents.

    Attributes:
        value: The ratio; `None` if there is nothing to divide by.
        low: The lower end; `None` for fewer than two documents.
        high: The upper end.
    """

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class CorpusGroup:
    """The documents of one file, or of one language.

    Attributes:
        name: Its name.
        documents: The number of documents.
        byte_count: The number of bytes.
        characters: The number of characters.
        tokens: The number of tokens.
        words: The number of words.
        bytes_per_token: `None` without tokens, like the next.
        characters_per_token: The mean.
        tokens_per_word: `None` without words, like the next.
        whole_words: The share of words that are inside one token.
        cost: Tokens per document if all groups have the same number of documents, otherwise
            per character.
        parity: The cost as a multiple of that of the reference.
    """

    name: str
    documents: int
    byte_count: int = field(metadata=BYTES_IN_JSON)
    characters: int
    tokens: int
    words: int
    bytes_per_token: float | None
    characters_per_token: float | None
    tokens_per_word: float | None
    whole_words: float | None
    cost: float | None
    parity: float | None


@dataclass(frozen=True)
class SplitWord:
    """A word of several tokens: how often it is split, and its tokens after a space."""

    raw: bytes
    count: int
    tokens: tuple[bytes, ...]


@dataclass(frozen=True)
class Point:
    """The number of tokens that the corpus would have with a smaller vocabulary."""

    vocab_size: int
    tokens: int


@dataclass(frozen=True, repr=False)
class CorpusReport(Report):
    """How a tokenizer encodes a corpus.

    A word is a maximal run of letters, marks and numbers. Its tokens are those tokens of the
    text that overlap it.

    Attributes:
        documents: The number of documents.
        byte_count: The number of bytes.
        characters: The number of characters; a byte outside UTF-8 counts as one.
        tokens: The number of tokens.
        words: The number of words.
        bytes_per_token: The mean.
        characters_per_token: The mean.
        tokens_per_word: The mean, called fertility.
        whole_words: The share of words that are inside one token.
        entropy: The entropy of the token distribution, in bits per token.
        perplexity: Two to the power of the entropy.
        renyi_efficiency: Rényi's entropy of order 2.5, as a share of the largest possible with
            this vocabulary.
        vocab_size: The number of tokens in the vocabulary.
        used: The number of tokens that occur.
        unused: The number of tokens that do not occur, except special tokens.
        scaffold: How many of the unused tokens are merged into others that occur.
        unused_tokens: The first unused tokens that are not scaffold, in order of id.
        scaffold_tokens: The scaffold tokens that are made most often.
        split_words: The words that are split most often.
        frequencies: How often tokens occur, by rank of frequency: pairs of rank and count.
        curve: The number of tokens with fewer merges; empty if that is not known.
        pays_until: The size of the largest vocabulary that needs at least 5 % fewer tokens than
            one of half its size; `None` if there is none.
        cost_unit: The unit of text that costs are counted for.
        reference: The group that the others are compared with: the one with the lowest cost, if
            none was chosen.
        gini: Gini's coefficient of the costs: 0 if all groups cost the same.
        groups: The groups.
    """

    SCHEMA: ClassVar[str] = "bpe_tool.inspect.corpus/1"
    TITLE: ClassVar[str] = "Corpus"

    documents: int
    byte_count: int = field(metadata=BYTES_IN_JSON)
    characters: int
    tokens: int
    words: int
    bytes_per_token: Ratio
    characters_per_token: Ratio
    tokens_per_word: Ratio
    whole_words: Ratio
    entropy: float
    perplexity: float
    renyi_efficiency: float | None
    vocab_size: int
    used: int
    unused: int
    scaffold: int
    unused_tokens: tuple[Token, ...]
    scaffold_tokens: tuple[Token, ...]
    split_words: tuple[SplitWord, ...]
    frequencies: tuple[tuple[int, int], ...]
    curve: tuple[Point, ...]
    pays_until: int | None
    cost_unit: Literal["document", "character"]
    reference: str | None
    gini: float | None
    groups: tuple[CorpusGroup, ...]

    def view(self) -> list[Block]:
        """Return the numbers, the curves, the groups, and lists of words and tokens."""
        ratios = {
            "bytes per token": self.bytes_per_token,
            "characters per token": self.characters_per_token,
            "tokens per word (fertility)": self.tokens_per_word,
            "share of whole words": self.whole_words,
        }
        facts: list[tuple[str, Cell]] = [
            ("documents", self.documents),
            ("bytes", self.byte_count),
            ("characters", self.characters),
            ("words", self.words),
            ("tokens", self.tokens),
            ("unigram entropy (bits)", self.entropy),
            ("perplexity", self.perplexity),
            ("Rényi efficiency", self.renyi_efficiency),
            ("tokens used", f"{self.used:,} of {self.vocab_size:,}"),
            ("never used", self.unused),
            ("only parts of others", self.scaffold),
            ("doubling pays until", _pays(self.pays_until, self.vocab_size)),
        ]
        intervals = [(name, each.value, each.low, each.high) for name, each in ratios.items()]
        mark = None
        if self.pays_until is not None:
            mark = (float(self.pays_until), f"doubling pays until {self.pays_until:,}")
        words = [
            (brief(each.raw), each.count, split_text(each.tokens)) for each in self.split_words
        ]
        return [
            Facts("Corpus", facts),
            Table("Means", ("", "value", "from", "to"), intervals, "95 % intervals"),
            Curve(
                "Compression",
                "vocabulary size",
                "bytes per token",
                [point.vocab_size for point in self.curve],
                [self.byte_count / max(1, point.tokens) for point in self.curve],
                logarithmic="x",
                mark=mark,
                note="with only the first merges of this vocabulary",
            ),
            Curve(
                "Frequencies",
                "rank",
                "count",
                [rank for rank, _ in self.frequencies],
                [count for _, count in self.frequencies],
                logarithmic="xy",
            ),
            *self._group_view(),
            Table("Words split most often", ("word", "count", "tokens"), words),
            token_table("Only parts of others", self.scaffold_tokens, total=self.scaffold),
            token_table("Never made", self.unused_tokens, total=self.unused - self.scaffold),
        ]

    def _group_view(self) -> list[Block]:
        if len(self.groups) < 2:
            return []
        rows = [
            (
                group.name,
                group.documents,
                group.tokens,
                group.bytes_per_token,
                group.characters_per_token,
                group.tokens_per_word,
                group.whole_words,
                group.parity,
            )
            for group in sorted(self.groups, key=lambda group: group.parity or math.inf)
        ]
        columns = (
            "group", "documents", "tokens", "bytes per token", "characters per token",
            "tokens per word (fertility)", "whole words", "parity",
        )  # fmt: skip
        gini = "" if self.gini is None else f"; Gini's coefficient of the costs: {self.gini:.3f}"
        note = f"parity: tokens per {self.cost_unit}, as a multiple of {self.reference}{gini}"
        paid = sorted(
            (group.parity, group.name) for group in self.groups if group.parity is not None
        )
        return [
            Bars("Parity", [name for _, name in paid], [parity for parity, _ in paid], note),
            Table("Groups", columns, rows),
        ]


def _pays(until: int | None, size: int) -> str | int | None:
    """Return the size; if it is the full size, doubling that may also pay."""
    return f"{until:,}, the full size" if until == size else until
