"""Compares two vocabularies by their tokens and merges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from bpe_tool import checks
from bpe_tool.inspect.diff_sample import Sample, compare_on, sample_view
from bpe_tool.inspect.families import Families
from bpe_tool.inspect.report import BYTES_IN_JSON, Report, Token
from bpe_tool.inspect.scripts import SCRIPTS
from bpe_tool.inspect.tables import token_table
from bpe_tool.inspect.vocab_arrays import VocabArrays
from bpe_tool.rendering.blocks import Block, Cell, Facts, GroupedBars, Table
from bpe_tool.rendering.tokens import brief

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bpe_tool.tokenizer import Text, Tokenizer

#: The maximum number of tokens in a list, and of scripts in the plot.
SHOWN, SCRIPTS_SHOWN = 20, 12


@dataclass(frozen=True)
class Shift:
    """A token of both vocabularies, with the rank of its merge in each, from 1."""

    raw: bytes = field(metadata=BYTES_IN_JSON)
    rank_a: int
    rank_b: int


@dataclass(frozen=True)
class Move:
    """A token of both vocabularies, with its id in each."""

    raw: bytes = field(metadata=BYTES_IN_JSON)
    id_a: int
    id_b: int


@dataclass(frozen=True)
class ScriptCount:
    """How many tokens of each vocabulary have letters of one script; of several: `mixed`."""

    script: str
    tokens_a: int
    tokens_b: int


@dataclass(frozen=True, repr=False)
class DiffReport(Report):
    """Two vocabularies compared by the bytes of their tokens; special tokens separately.

    Attributes:
        size_a: The number of tokens in the first.
        size_b: The number of tokens in the second.
        common: The number of tokens in both.
        jaccard: `common` as a share of the tokens in either.
        added: The number of tokens only in the second.
        removed: The number of tokens only in the first.
        moved: The number of tokens in both with different ids.
        rebuilt: The number of tokens that the merges of both make, from different parts.
        rank_correlation: Spearman's correlation of the ranks of the tokens that the merges of
            both make; `None` for fewer than two tokens.
        added_tokens: The first tokens only in the second, in order of id.
        removed_tokens: The first tokens only in the first, in order of id.
        moves: The first tokens with different ids, in order of id in the first.
        shifts: The tokens whose ranks differ most.
        scripts: How many tokens have letters of a script, the most frequent script first.
        special_added: The special tokens only in the second.
        special_removed: The special tokens only in the first.
        sample: The comparison on a sample of text, if there is one.
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
    scripts: tuple[ScriptCount, ...]
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
        moves = [(brief(each.raw), str(each.id_a), str(each.id_b)) for each in self.moves]
        shifts = [(brief(each.raw), each.rank_a, each.rank_b) for each in self.shifts]
        blocks: list[Block] = [
            Facts("A and B", facts),
            GroupedBars(
                "Scripts of letters",
                [each.script for each in self.scripts[:SCRIPTS_SHOWN]],
                ("tokens of A", "tokens of B"),
                [(each.tokens_a, each.tokens_b) for each in self.scripts[:SCRIPTS_SHOWN]],
            ),
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
            blocks += sample_view(self.sample)
        return blocks


def inspect_diff(
    a: Tokenizer, b: Tokenizer, texts: Iterable[Text] | Mapping[str, Iterable[Text]] = ()
) -> DiffReport:
    """Compare two vocabularies.

    Args:
        a: The first.
        b: The second.
        texts: Documents to compare them on, or several groups of them by name, such as languages.

    Raises:
        DataError: A text is a `str` with a lone surrogate.
    """
    one, other = checks.core_of("a", a), checks.core_of("b", b)
    groups = texts if isinstance(texts, Mapping) else {"": texts}
    raw = {
        checks.string("texts", name): [
            checks.as_bytes(f"texts[{row}]", text)
            for row, text in enumerate(checks.several("texts", group, "several texts"))
        ]
        for name, group in groups.items()
    }
    return diff_report(VocabArrays(one), VocabArrays(other), raw)


def diff_report(
    a: VocabArrays, b: VocabArrays, groups: Mapping[str, Sequence[bytes]]
) -> DiffReport:
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
        scripts=_scripts(a, b),
        special_added=tuple(text for text in specials_b if text not in specials_a),
        special_removed=tuple(text for text in specials_a if text not in specials_b),
        sample=compare_on(a, b, groups) if any(groups.values()) else None,
    )


def _scripts(a: VocabArrays, b: VocabArrays) -> tuple[ScriptCount, ...]:
    names = (*SCRIPTS[1:], "mixed")
    one, other = (
        np.bincount(Families(vocab).scripts[~vocab.special], minlength=len(names) + 1)[1:].tolist()
        for vocab in (a, b)
    )
    found = [ScriptCount(*each) for each in zip(names, one, other, strict=True) if any(each[1:])]
    return tuple(sorted(found, key=lambda each: -max(each.tokens_a, each.tokens_b)))


def _plain(vocab: VocabArrays) -> dict[bytes, int]:
    """Return the ids of all tokens that are not special, in order of id."""
    indices = np.flatnonzero(~vocab.special).tolist()
    return {vocab.bytes_of(at): int(vocab.ids[at]) for at in indices}


def _rebuilt(a: VocabArrays, b: VocabArrays, ranks: Sequence[tuple[bytes, int, int]]) -> int:
    """Count the tokens that the two vocabularies make from different parts."""

    def cuts(vocab: VocabArrays, column: Literal[1, 2]) -> NDArray[np.int32]:
        rows = np.array([each[column] - 1 for each in ranks], np.int64)
        return vocab.length_of(vocab.merges[rows, 0])

    return int((cuts(a, 1) != cuts(b, 2)).sum())


def _correlation(ranks: Sequence[tuple[bytes, int, int]]) -> float | None:
    if len(ranks) < 2:
        return None
    one, other = (np.argsort(np.argsort([each[at] for each in ranks])) for at in (1, 2))
    one, other = one - one.mean(), other - other.mean()
    return float((one * other).sum() / np.sqrt((one * one).sum() * (other * other).sum()))
