"""Masked language modelling."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal, TypeAlias, final, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import checks
from bpe_tool.batching.batch import Batch, Ints
from bpe_tool.batching.objectives.causal import check_ignore_index
from bpe_tool.batching.objectives.spans import covering_spans
from bpe_tool.batching.objectives.targets import (
    LossMask,
    document_lengths,
    document_starts,
    positions,
    samples,
    trained,
)
from bpe_tool.batching.objectives.word_edges import WordEdges
from bpe_tool.batching.rows import bounds_of
from bpe_tool.batching.sampling.random import Stream, draw, uniform
from bpe_tool.checks import MAX_ID
from bpe_tool.errors import ArgumentError, BpeToolWarning

#: How many ids of a batch are compared with those of the batch before.
COMPARED = 64

#: There are never more special ids: vocabularies have fewer tokens.
MOST_SPECIAL = 1 << 24

Unit: TypeAlias = Literal["token", "word", "span"]


@final
@dataclass(frozen=True, slots=True)
class MaskedLM:
    """Hide some ids and let them be predicted.

    After J. Devlin et al., "BERT: Pre-training of deep bidirectional transformers for language
    understanding" (NAACL 2019). Each unit is chosen with the chance `probability`; what is
    chosen gets a label, and becomes the mask, or a random id, or stays, by `split`. Padding,
    special tokens and what the caller leaves out are never chosen, and no random id is one of
    a special token.

    Every choice is a hash of seed, epoch, sample, and the position in the sample. So it does
    not depend on the rest of the batch, on padding or packing, on processes, or on resuming.
    (Only a word that the edge of a piece cuts is drawn for as the word that is left of it.)
    The share that is chosen is right on the average, not in every row.

    A collate function has to say which samples its rows are (`pad(rows, samples=…)`), or each
    batch would hide the same positions. A `BpeToolWarning` tells of a second batch without these
    numbers that begins with other ids than the one before.

    Args:
        mask_id: The id of the mask.
        vocab_size: Random ids are below it.
        probability: The chance of an id to be chosen.
        split: The shares of the chosen ids that become the mask, become a random id, and stay.
        unit: What is chosen at once: a `"token"`; a `"word"`, see `words`, whose ids are then
            split one by one; or a `"span"` of ids, which is split as a whole (see below).
        special_ids: Ids that are never chosen. The mask's own is one of them.
        words: Which ids make up words, for the unit `"word"`: `WordEdges.of(tokenizer)`.
        span_stop: The chance with which a span ends after each id: lengths are geometric, as in
            SpanBERT (M. Joshi et al., TACL 2020).
        max_span: The most ids of a span.
        ignore_index: The label of what is not chosen.

    Raises:
        ArgumentError: An argument is out of range, or missing.
    """

    mask_id: int
    vocab_size: int
    probability: float = 0.15
    split: tuple[float, float, float] = (0.8, 0.1, 0.1)
    unit: Unit = "token"
    special_ids: Collection[int] = ()
    words: WordEdges | None = None
    span_stop: float = 0.2
    max_span: int = 10
    ignore_index: int = -100
    _specials: NDArray[np.int64] = field(init=False, repr=False, compare=False)
    #: What the last batch whose samples have no numbers began with: seed, epoch, sample and
    #: position, and some ids.
    _before: list[tuple[tuple[int, ...], list[int]]] = field(
        init=False, repr=False, compare=False, default_factory=list
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
                raise ArgumentError(f"`special_ids` are more than {MOST_SPECIAL}")
        keep("special_ids", tuple(sorted(given)))
        keep("_specials", np.array(sorted(given | {self.mask_id}), np.int64))
        keep("ignore_index", check_ignore_index(self.ignore_index))
        keep("split", self._shares())
        checks.choice("unit", self.unit, get_args(Unit))
        if self.words is not None:
            checks.instance("words", self.words, WordEdges, "WordEdges")
        if (self.unit == "word") != (self.words is not None):
            raise ArgumentError(
                'the unit "word" needs `words`, and only that',
                hint="pass `words=WordEdges.of(tokenizer)`",
            )
        keep("span_stop", checks.number("span_stop", self.span_stop))
        if not self.span_stop:
            raise ArgumentError("`span_stop` is 0: spans would have no end")
        keep("max_span", checks.whole("max_span", self.max_span, 1, MAX_ID))
        if self._drawable < 1 and self.split[1]:
            raise ArgumentError(f"`vocab_size` is {self.vocab_size}: there is no id to draw")

    def _shares(self) -> tuple[float, ...]:
        given = checks.several("split", self.split, "three shares")
        shares = tuple(checks.number("split", share) for share in islice(given, 4))
        if len(shares) != 3 or not abs(sum(shares) - 1) < 1e-9:
            raise ArgumentError(f"`split` is {shares}: three shares that add up to 1")
        return shares

    def apply(
        self,
        batch: Batch,
        *,
        seed: int = 0,
        epoch: int = 0,
        loss_mask: LossMask | None = None,
        prompt_lengths: ArrayLike | None = None,
    ) -> Batch:
        """Return the batch with some ids hidden, and their labels.

        Args:
            batch: The batch, which is left as it is. It says which `samples` its rows are, or
                which `pieces`.
            seed: From 0 to 2^64 - 1.
            epoch: Likewise. Another epoch hides other ids.
            loss_mask: Which ids may be chosen: as in `Causal.apply`.
            prompt_lengths: How many ids at the start of each row may not: likewise.

        Raises:
            ArgumentError: An argument is out of range or not of the batch's shape, or the batch
                does not say which samples its rows are.
            DataError: An id is not in the vocabulary of `words`.
        """
        checks.instance("batch", batch, Batch, "a Batch")
        real = batch.attention_mask != 0
        ids = batch.ids[real]
        lengths = document_lengths(batch)
        owners, places = np.repeat(samples(batch), lengths), positions(batch)
        if len(ids) and not batch.numbered:
            first = ids[: lengths[np.flatnonzero(lengths)[0]]][:COMPARED].tolist()
            drawn_for = (checks.whole("seed", seed), checks.whole("epoch", epoch))
            self._warn_of_same((*drawn_for, int(owners[0]), int(places[0])), first)
        chosen, origins = self._choose(batch, ids, owners, places, seed, epoch)
        chosen &= ~np.isin(ids, self._specials)
        if loss_mask is not None or prompt_lengths is not None:
            chosen &= trained(batch, loss_mask, prompt_lengths)
        at = np.flatnonzero(chosen)
        hidden, labels = ids.copy(), np.full_like(ids, self.ignore_index)
        labels[at] = ids[at]
        kinds = uniform(seed, epoch, owners[at], origins[at], Stream.MASK_KIND)
        hidden[at[kinds < self.split[0]]] = self.mask_id
        drawn = at[(kinds >= self.split[0]) & (kinds < self.split[0] + self.split[1])]
        hidden[drawn] = self._random_ids(seed, epoch, owners[drawn], places[drawn])
        return replace(
            batch,
            ids=_spread(real, hidden, batch.ids),
            labels=_spread(real, labels, np.full_like(batch.ids, self.ignore_index)),
        )

    def _warn_of_same(self, drawn_for: tuple[int, ...], ids: list[int]) -> None:
        """Warn of a batch that hides what the one before did, though it holds other ids."""
        if self._before and self._before[0][0] == drawn_for:
            common = min(len(ids), len(self._before[0][1]))
            if ids[:common] != self._before[0][1][:common]:
                warnings.warn(
                    "two batches begin with different rows that are the same sample, so the same "
                    "positions are hidden in both: pass the numbers of `samples` to `pad` or "
                    "`pack`, or use a `Loader`",
                    BpeToolWarning,
                    stacklevel=3,
                )
        self._before[:] = [(drawn_for, ids)]

    def _choose(
        self,
        batch: Batch,
        ids: Ints,
        owners: NDArray[np.int64],
        places: NDArray[np.int64],
        seed: int,
        epoch: int,
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Return which ids are chosen, and at which position it is drawn what becomes of each."""
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
            return back >= 0, places - np.maximum(back, 0)
        if self.words is None:
            return uniform(seed, epoch, owners, places, Stream.MASK) < self.probability, places
        begins = self.words.begins(ids)
        bounds = bounds_of(lengths)
        begins[bounds[bounds < len(ids)]] = True
        special = np.isin(ids, self._specials)
        begins |= special
        begins[1:] |= special[:-1]
        first = np.flatnonzero(begins)
        word = uniform(seed, epoch, owners[first], places[first], Stream.MASK) < self.probability
        return word[np.cumsum(begins) - 1], places

    def _random_ids(
        self, seed: int, epoch: int, owners: NDArray[np.int64], places: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Draw an id below `vocab_size` that is not special for each place."""
        bits = draw(seed, epoch, owners, places, Stream.MASK_TOKEN) >> np.uint64(32)
        ranks = ((bits * np.uint64(self._drawable)) >> np.uint64(32)).astype(np.int64)
        # The id of a rank is as much larger as there are special ids up to it.
        specials = self._specials
        return ranks + np.searchsorted(specials - np.arange(len(specials)), ranks, "right")

    @property
    def _drawable(self) -> int:
        """How many ids can be drawn."""
        return self.vocab_size - int(np.count_nonzero(self._specials < self.vocab_size))


def _spread(real: NDArray[np.bool_], values: Ints, onto: Ints) -> Ints:
    """Return an array with values at the places of ids, and its own at padding."""
    found = onto.copy()
    found[real] = values
    return found
