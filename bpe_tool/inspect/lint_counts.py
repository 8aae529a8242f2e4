"""Checks a vocabulary against counts of what it was learned from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from bpe_tool import _core
from bpe_tool.counts.verifying import Replayed, replay
from bpe_tool.inspect.lint import NAMED, Finding
from bpe_tool.rendering.tokens import brief

if TYPE_CHECKING:
    from bpe_tool.inspect.vocab_arrays import VocabArrays

#: Trainers that count in 32 bits go wrong from here on.
WRAP = 2**31

#: The share of a token that remains where merging makes it, below which it is a residue.
RESIDUE = 0.01


def counted_findings(vocab: VocabArrays, counts: _core.PretokenCounts) -> Iterator[Finding]:
    """Yield what is wrong with merges, and which tokens only they need."""
    yield from replay_findings(replay(vocab.core, counts))
    yield from residues(vocab, counts)


def replay_findings(replayed: Sequence[Replayed]) -> Iterator[Finding]:
    """Yield what is wrong with merges that were replayed against counts."""
    never = [each for each in replayed if not each.count]
    if never:
        message = f"merges of pairs that never occur in the counts, first the merge {never[0].rank}"
        yield _about("never-occurs", message, never)
    wrong = [each for each in replayed if each.count < each.best_count]
    wrapped = [each for each in wrong if each.best_count >= WRAP]
    if wrapped:
        message = (
            f"merges that passed over a pair with a count of {wrapped[0].best_count:,} or more: it "
            "does not fit 31 bits, as a trainer that counts in 32 bits would wrap it"
        )
        yield _about("wrapped", message, wrapped)
    if wrong:
        first = wrong[0]
        left, right = map(brief, first.best or (b"", b""))
        message = (
            f"merges of a pair that was not the most frequent one; first the merge {first.rank} of "
            f"a pair that occurs {first.count:,} times, when {left} and {right} did "
            f"{first.best_count:,} times"
        )
        yield _about("not-most-frequent", message, wrong)


def residues(vocab: VocabArrays, counts: _core.PretokenCounts) -> Iterator[Finding]:
    """Yield the tokens that hardly ever remain where merging makes them, the rarest first."""
    origins = _core.merge_origins(vocab.core, counts, 0)
    applied = np.fromiter((count for count, _ in origins), np.int64, len(origins))
    # No overflow: each merge leaves fewer tokens than there are bytes.
    made, inside = np.zeros(vocab.limit, np.int64), np.zeros(vocab.limit, np.int64)
    left, right, merged = vocab.merges.T
    made[merged] = applied
    np.add.at(inside, left, applied)
    np.add.at(inside, right, applied)
    kept = (made - inside)[merged]
    few = kept < RESIDUE * applied
    if not few.any():
        return
    share = kept[few] / applied[few]
    found = merged[few][np.argsort(share, kind="stable")]
    message = (
        f"they are parts of longer tokens: less than {RESIDUE:.0%} of those that merging makes in "
        f"the counts remain, and of {np.count_nonzero(share == 0):,} of them none"
    )
    tokens = tuple(vocab.token(int(id)) for id in found[:NAMED])
    yield Finding("residue", "note", message, len(found), tokens)


def _about(check: str, message: str, merges: Sequence[Replayed]) -> Finding:
    shown = tuple(each.pair for each in merges[:NAMED])
    return Finding(check, "warning", message, len(merges), merges=shown)
