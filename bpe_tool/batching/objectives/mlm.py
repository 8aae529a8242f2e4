"""Masked language modelling."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import final, get_args

import numpy as np
from numpy.typing import NDArray

from bpe_tool import checks
from bpe_tool.batching.batch import Batch, Ints
from bpe_tool.batching.literals import MaskUnit
from bpe_tool.batching.objectives.objective import Objective, check_ignore_index
from bpe_tool.batching.objectives.repeat_detector import RepeatDetector
from bpe_tool.batching.objectives.spans import covering_spans
from bpe_tool.batching.objectives.targets import (
    document_lengths,
    document_starts,
    positions,
    samples,
)
from bpe_tool.batching.objectives.word_edges import WordEdges
from bpe_tool.batching.rows import bounds_of
from bpe_tool.batching.sampling.random import Stream, draw, uniform
from bpe_tool.checks import MAX_ID
from bpe_tool.errors import ArgumentError

#: The most special ids. Vocabularies have fewer tokens.
MOST_SPECIAL = 1 << 24


@final
@dataclass(frozen=True, slots=True)
class MaskedLM(Objective):
    """Labels for predicting ids that are hidden: masked language modelling.

    After J. Devlin et al., "BERT: Pre-training of deep bidirectional transformers for language
    understanding" (NAACL 2019). Each unit is chosen with the given `probability`. A chosen id
    gets a label; by `split`, it becomes the mask, becomes a random id, or stays. Padding, special
    tokens and ids that the caller excludes are never chosen, and a random id is never that of a
    special token.

    Every choice is a hash of seed, epoch, sample, and the position in the sample. So it does
    not depend on the rest of the batch, on padding or packing, on processes, or on resuming.
    (One exception: of a word that the edge of a piece cuts, the part in the piece counts as a
    word.) The share of chosen ids is `probability` on average, not in every row.

    The samples of a batch need numbers (`pad(rows, samples=…)`), or the same positions are hidden
    in each batch; a `Loader` numbers them. A `BpeToolWarning` is given when two batches without
    numbers follow each other and begin with different ids.

    Args:
        mask_id: The id of the mask.
        vocab_size: Random ids are below it.
        probability: The probability that an id is chosen.
        split: The shares of chosen ids that become the mask, become a random id, and stay.
        unit: What is chosen at once: a `"token"`; a `"word"`, whose ids are then split one by
            one; or a `"span"` of ids, which is split as a whole.
        special_ids: Ids that are never chosen. `mask_id` is always one of them.
        words: Which ids make up words, for the unit `"word"`: `WordEdges.of(tokenizer)`.
        span_stop: The probability that a span ends after each id. Lengths are geometric, as in
            SpanBERT (M. Joshi et al., TACL 2020).
        max_span: The most ids of a span.
        ignore_index: The label of ids that are not chosen.

    Raises:
        ArgumentError: An argument is out of range, or missing.
    """

    mask_id: int
    vocab_size: int
    probability: float = 0.15
    split: tuple[float, float, float] = (0.8, 0.1, 0.1)
    unit: MaskUnit = "token"
    special_ids: Collection[int] = ()
    words: WordEdges | None = None
    span_stop: float = 0.2
    max_span: int = 10
    ignore_index: int = -100
    _specials: NDArray[np.int64] = field(init=False, repr=False, compare=False)
    _repeats: RepeatDetector = field(
        init=False, repr=False, compare=False, default_factory=RepeatDetector
    )

    def __post_init__(self) -> None:
        def keep(name: str, value: object) -> None:
            object.__setattr__(self, name, value)

        keep("mask_id", checks.whole("mask_id", self.mask_id, 0, MAX_ID))
        keep("vocab_size", checks.whole("vocab_size", self.vocab_size, 0, MAX_ID + 1))
        keep("probability", checks.number("probability", self.probability))
        listed = checks.several("special_ids", self.special_ids, "several ids")
        given: set[int] = set()
        for id in listed:
            given.add(checks.whole("special_ids", id, 0, MAX_ID))
            if len(given) > MOST_SPECIAL:
                raise ArgumentError(f"are more than {MOST_SPECIAL}", parameter="special_ids")
        keep("special_ids", tuple(sorted(given)))
        keep("_specials", np.array(sorted(given | {self.mask_id}), np.int64))
        keep("ignore_index", check_ignore_index(self.ignore_index))
        keep("split", self._shares())
        checks.choice("unit", self.unit, get_args(MaskUnit))
        if self.words is not None:
            checks.instance("words", self.words, WordEdges, "WordEdges")
        if (self.unit == "word") != (self.words is not None):
            raise ArgumentError(
                'applies only to the unit "word"',
                parameter="words",
                hint="pass WordEdges.of(tokenizer)",
            )
        keep("span_stop", checks.number("span_stop", self.span_stop))
        if not self.span_stop:
            raise ArgumentError("is 0: spans would have no end", parameter="span_stop")
        keep("max_span", checks.whole("max_span", self.max_span, 1, MAX_ID))
        if self._drawable < 1 and self.split[1]:
            raise ArgumentError(
                f"is {self.vocab_size}: there is no id to draw", parameter="vocab_size"
            )

    def _shares(self) -> tuple[float, ...]:
        given = checks.several("split", self.split, "three shares")
        shares = tuple(checks.number("split", share) for share in islice(given, 4))
        if len(shares) != 3 or not abs(sum(shares) - 1) < 1e-9:
            raise ArgumentError(f"is {shares}: three shares that add up to 1", parameter="split")
        return shares

    def _labelled(
        self, batch: Batch, allowed: NDArray[np.bool_] | None, seed: int, epoch: int
    ) -> Batch:
        self._repeats.check(batch, seed, epoch)
        real = batch.attention_mask != 0
        ids = batch.ids[real]
        owners, offsets = np.repeat(samples(batch), document_lengths(batch)), positions(batch)
        chosen, origins = self._choose(batch, ids, owners, offsets, seed, epoch)
        chosen &= ~np.isin(ids, self._specials)
        if allowed is not None:
            chosen &= allowed
        at = np.flatnonzero(chosen)
        hidden, labels = ids.copy(), np.full_like(ids, self.ignore_index)
        labels[at] = ids[at]
        kinds = uniform(seed, epoch, owners[at], origins[at], Stream.MASK_KIND)
        hidden[at[kinds < self.split[0]]] = self.mask_id
        drawn = at[(kinds >= self.split[0]) & (kinds < self.split[0] + self.split[1])]
        hidden[drawn] = self._random_ids(seed, epoch, owners[drawn], offsets[drawn])
        return replace(
            batch,
            ids=_spread(real, hidden, batch.ids),
            labels=_spread(real, labels, np.full_like(batch.ids, self.ignore_index)),
        )

    def _choose(
        self,
        batch: Batch,
        ids: Ints,
        owners: NDArray[np.int64],
        offsets: NDArray[np.int64],
        seed: int,
        epoch: int,
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Return which ids are chosen, and the position whose draw decides what becomes of each."""
        lengths = document_lengths(batch)
        if self.unit == "span":
            back = covering_spans(
                lengths,
                samples(batch),
                document_starts(batch),
                share=self.probability,
                stop=self.span_stop,
                longest=self.max_span,
                seed=seed,
                epoch=epoch,
            )
            return back >= 0, offsets - np.maximum(back, 0)
        if self.words is None:
            return uniform(seed, epoch, owners, offsets, Stream.MASK) < self.probability, offsets
        begins = self.words.begins(ids)
        bounds = bounds_of(lengths)
        begins[bounds[bounds < len(ids)]] = True
        special = np.isin(ids, self._specials)
        begins |= special
        begins[1:] |= special[:-1]
        first = np.flatnonzero(begins)
        word = uniform(seed, epoch, owners[first], offsets[first], Stream.MASK) < self.probability
        return word[np.cumsum(begins) - 1], offsets

    def _random_ids(
        self, seed: int, epoch: int, owners: NDArray[np.int64], offsets: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Draw for each position an id below `vocab_size` that is not special."""
        bits = draw(seed, epoch, owners, offsets, Stream.MASK_TOKEN) >> np.uint64(32)
        ranks = ((bits * np.uint64(self._drawable)) >> np.uint64(32)).astype(np.int64)
        # An id is its rank among the ids that are not special, plus the special ids below it.
        specials = self._specials
        return ranks + np.searchsorted(specials - np.arange(len(specials)), ranks, "right")

    @property
    def _drawable(self) -> int:
        """The number of ids that can be drawn."""
        return self.vocab_size - int(np.count_nonzero(self._specials < self.vocab_size))


def _spread(real: NDArray[np.bool_], values: Ints, onto: Ints) -> Ints:
    """Return a copy of an array with `values` in the slots of ids; padding is kept."""
    found = onto.copy()
    found[real] = values
    return found
