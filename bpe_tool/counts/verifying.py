"""Replays the merges of a vocabulary against counts, to see where its trainer went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bpe_tool import _core
from bpe_tool.counts.stored import StoredCounts, described, load
from bpe_tool.errors import ArgumentError


@dataclass(frozen=True)
class Replayed:
    """A merge, and what it was chosen from.

    Attributes:
        rank: Its position in the order of merges.
        pair: Its two tokens.
        count: How often the pair occurred when its turn came.
        best: The pair that occurred most often then; `None` if none did.
        best_count: How often that one did.
    """

    rank: int
    pair: tuple[bytes, bytes]
    count: int
    best: tuple[bytes, bytes] | None
    best_count: int


def loaded(core: _core.Tokenizer, sources: Sequence[StoredCounts]) -> _core.PretokenCounts:
    """Load the sum of counts that a vocabulary can be checked against.

    Raises:
        ArgumentError: The vocabulary is not byte-level BPE, or its pattern is another than that
            of the counts.
        VocabError: A count file is damaged.
    """
    what = described(sources)
    what.check_vocab(core)
    if what.level != "byte" or any(core.token_to_id(bytes([byte])) is None for byte in range(256)):
        raise ArgumentError("only byte-level BPE with all 256 bytes can be replayed against counts")
    return load(sources)


def replay(core: _core.Tokenizer, counts: _core.PretokenCounts) -> list[Replayed]:
    """Apply the merges of a vocabulary in order, and count all pairs before each.

    Pairs that would make a longer token than any of the vocabulary are left out of account, as
    its trainer may have had a limit.
    """
    single = [(core.token_to_id(bytes([byte])), byte) for byte in range(256)]
    # Equal counts are ordered by ids, so the order of the bytes is kept.
    order = [byte for _, byte in sorted(single)]
    alphabet = [order.index(byte) for byte in range(256)]
    ids = {bytes([byte]): alphabet[byte] for byte in range(256)}
    tokens = [bytes([byte]) for byte in order]
    merges: list[tuple[int, int]] = []
    ranks: list[int] = []
    for rank, (left, right) in enumerate(core.merges):
        # A second way to spell a token, or one of tokens that nothing makes, never takes place.
        if left in ids and right in ids and left + right not in ids:
            ids[left + right] = len(tokens)
            tokens.append(left + right)
            merges.append((ids[left], ids[right]))
            ranks.append(rank)
    longest = max(map(len, tokens))
    words = _core.pattern_without_superwords(core.pattern)
    steps = _core.replay_merges(counts, alphabet, merges, longest, words is not None)
    if words is not None:
        # The first merge that joins words never occurs within them: the second stage began there,
        # or before, with merges that are the best in both.
        apart = _core.replay_merges(counts.divided(words), alphabet, merges, longest, False)
        first = next((at for at, (count, _) in enumerate(apart) if not count), len(apart))
        steps[:first] = apart[:first]
    found = []
    for rank, parts, (count, best) in zip(ranks, merges, steps, strict=True):
        pair = tokens[parts[0]], tokens[parts[1]]
        if best is None:
            found.append(Replayed(rank, pair, count, None, 0))
        else:
            (first, second), most = best
            found.append(Replayed(rank, pair, count, (tokens[first], tokens[second]), most))
    return found
