"""The report on a whole vocabulary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from bpe_tool import checks
from bpe_tool.inspect.families import CASES, KINDS, Families, near_duplicates
from bpe_tool.inspect.report import Report, Token
from bpe_tool.inspect.scripts import SCRIPTS
from bpe_tool.inspect.tables import token_table
from bpe_tool.inspect.vocab_arrays import VocabArrays
from bpe_tool.rendering.blocks import Bars, Block, Facts, Search, Table
from bpe_tool.rendering.numbers import counted
from bpe_tool.rendering.tokens import split_text, visible_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bpe_tool.tokenizer import Tokenizer

#: The maximum number of tokens, or groups of tokens, in a list.
SHOWN = 20

#: How many scripts are shown as bars.
SCRIPTS_SHOWN = 11

#: Longer tokens are counted together in the plot of lengths.
LONGEST_BAR = 20


@dataclass(frozen=True)
class Duplicates:
    """Tokens that differ only in case or in the white space around them.

    Attributes:
        groups: The number of groups of two or more.
        tokens: The number of tokens in them.
        largest: The largest groups.
    """

    groups: int
    tokens: int
    largest: tuple[tuple[Token, ...], ...]


@dataclass(frozen=True, repr=False)
class VocabReport(Report):
    """A vocabulary: its sizes, families and oddities.

    Attributes:
        vocab_size: How many tokens there are, special ones included.
        max_id: The largest id.
        merges: How many merges can occur.
        pattern: The pattern, by name or as a regex.
        special_tokens: The special tokens.
        mean_bytes: The mean length of the other tokens, in bytes. The attributes below are
            also about these.
        lengths: How many tokens there are of each length in bytes.
        kinds: How many tokens of each kind: `word` (letters and marks), `number`,
            `punctuation` (and symbols), `space`, `mixed` (of these), `partial` (not UTF-8
            on its own), `other`. A space before the rest does not count.
        scripts: How many tokens have letters of a script; those of several are `mixed`.
        cases: How many tokens have letters that are `lower`, `upper`, `title` (the first
            upper, the others lower) or `mixed`.
        leading_space: How many tokens begin with a space, followed by something else.
        digits: How many tokens are digits only, except for a leading space.
        longest: The longest tokens.
        partial: The first tokens that are not valid UTF-8, except single bytes.
        duplicates: Tokens that differ only in case or in the white space around them.
        unicode_version: The version of the Unicode tables that classify characters.
        vocabulary: All tokens, for the search of pages; not in the JSON.
    """

    SCHEMA: ClassVar[str] = "bpe_tool.inspect.vocab/1"
    TITLE: ClassVar[str] = "Vocabulary"

    vocab_size: int
    max_id: int
    merges: int
    pattern: str
    special_tokens: tuple[Token, ...]
    mean_bytes: float
    lengths: dict[int, int]
    kinds: dict[str, int]
    scripts: dict[str, int]
    cases: dict[str, int]
    leading_space: int
    digits: int
    longest: tuple[Token, ...]
    partial: tuple[Token, ...]
    duplicates: Duplicates
    unicode_version: str
    vocabulary: VocabArrays = field(repr=False, compare=False, metadata={"json": False})

    def view(self) -> list[Block]:
        """Return all numbers, as tables and bars."""
        facts = Facts(
            "Vocabulary",
            [
                ("tokens", self.vocab_size),
                ("largest id", self.max_id),
                ("special tokens", len(self.special_tokens)),
                ("merges that can occur", self.merges),
                ("pattern", self.pattern),
                ("bytes per token", self.mean_bytes),
                ("begin with a space", self.leading_space),
                ("digits only", self.digits),
                ("near-duplicates", self.duplicates.tokens),
            ],
        )
        short = [(str(size), n) for size, n in self.lengths.items() if size < LONGEST_BAR]
        rest = sum(n for size, n in self.lengths.items() if size >= LONGEST_BAR)
        bars = [*short, (f"{LONGEST_BAR}+", rest)] if rest else short
        groups = [
            (split_text([token.raw for token in group]), len(group))
            for group in self.duplicates.largest
        ]
        return [
            facts,
            Bars("Length in bytes", *_columns(bars), axes=("bytes", "tokens")),
            Bars("Kinds", *_columns(self.kinds.items())),
            Bars("Cases", *_columns(self.cases.items())),
            Bars("Scripts of letters", *_columns(_first(self.scripts))),
            token_table(
                "Special tokens", self.special_tokens[:SHOWN], total=len(self.special_tokens)
            ),
            token_table("Longest tokens", self.longest),
            token_table("Parts of characters", self.partial),
            Table(
                "Near-duplicates",
                ("tokens", "count"),
                groups,
                f"{counted(self.duplicates.tokens, 'token')} in "
                f"{counted(self.duplicates.groups, 'group')}; those of a group differ only in "
                "case or in the white space around them",
            ),
        ]

    def page_view(self) -> list[Block]:
        """Return the same blocks, and a search of all tokens."""
        first, *rest = self.view()
        return [first, _search(self.vocabulary), *rest]


def _columns(rows: Iterable[tuple[str, int]]) -> tuple[list[str], list[int]]:
    pairs = list(rows)
    return [label for label, _ in pairs], [value for _, value in pairs]


def _first(counts: dict[str, int]) -> list[tuple[str, int]]:
    """Return the largest counts, and the sum of the rest."""
    rows = list(counts.items())
    others = sum(count for _, count in rows[SCRIPTS_SHOWN:])
    return [*rows[:SCRIPTS_SHOWN], *([("others", others)] if others else [])]


def inspect_vocab(tokenizer: Tokenizer) -> VocabReport:
    """Describe a vocabulary: sizes, scripts, families, the longest tokens and the oddest."""
    return vocab_report(VocabArrays(checks.core_of("tokenizer", tokenizer)))


def vocab_report(vocab: VocabArrays) -> VocabReport:
    """See `inspect_vocab`."""
    import unicodedata

    core = vocab.core
    lengths = vocab.lengths
    plain = ~vocab.special
    families = Families(vocab)
    groups, similar = near_duplicates(vocab, vocab.special | families.partial, SHOWN)
    order = np.lexsort((vocab.ids, -np.where(plain, lengths, 0)))[:SHOWN]
    sizes = np.bincount(lengths[plain])
    cut = families.partial & plain & (lengths > 1)
    return VocabReport(
        vocab_size=len(vocab),
        max_id=core.max_id,
        merges=len(vocab.merges),
        pattern=core.pattern,
        special_tokens=tuple(vocab.tokens(np.flatnonzero(vocab.special))),
        mean_bytes=float(lengths[plain].mean()) if plain.any() else 0.0,
        lengths={size: int(sizes[size]) for size in np.flatnonzero(sizes).tolist()},
        kinds=_counted(families.kinds[plain], KINDS),
        scripts=_counted(families.scripts[plain], (*SCRIPTS, "mixed")),
        cases=_counted(families.cases[plain], CASES),
        leading_space=int((families.leads & plain).sum()),
        digits=int(((families.kinds == KINDS.index("number")) & plain).sum()),
        longest=tuple(vocab.tokens(order[plain[order]])),
        partial=tuple(vocab.tokens(np.flatnonzero(cut)[:SHOWN])),
        duplicates=Duplicates(
            groups=len(groups),
            tokens=int(groups.sum()),
            largest=tuple(tuple(vocab.tokens(group)) for group in similar),
        ),
        unicode_version=unicodedata.unidata_version,
        vocabulary=vocab,
    )


def _counted(numbers: NDArray[np.int64], names: tuple[str, ...]) -> dict[str, int]:
    """Return how often each name that occurs does, the most frequent first."""
    counts = np.bincount(numbers, minlength=len(names)).tolist()
    found = sorted(zip(names, counts, strict=True), key=lambda item: -item[1])
    return {name: count for name, count in found if count}


def _search(vocab: VocabArrays) -> Search:
    shown = [visible_text(text) for text in vocab.texts]
    raw = [vocab.bytes_of(index) for index in range(len(vocab))]
    return Search("Search", shown, raw, vocab.ids.tolist(), vocab.ranks[vocab.ids].tolist())
