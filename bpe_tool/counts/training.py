"""Learns a vocabulary from counts."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from bpe_tool import _core
from bpe_tool.counts.description import Description
from bpe_tool.counts.stored import StoredCounts, described, load, recorded_pipeline
from bpe_tool.errors import ArgumentError, BpeToolWarning, Suggestion
from bpe_tool.streams.train import OnProgress, TrainedVocab, TrainOptions, learn


def special_tokens_of(what: Description, given: Sequence[str]) -> tuple[str, ...]:
    """Return the special tokens of a vocabulary: those of the counts and those that are given."""
    if set(given) >= set(what.special_tokens):
        return tuple(given)
    return tuple(dict.fromkeys([*what.special_tokens, *given]))


def train_from_counts(
    sources: Sequence[StoredCounts], options: TrainOptions, on_progress: OnProgress | None = None
) -> TrainedVocab:
    """Learn a vocabulary from the weighted sum of counts: the same as from what was counted.

    Args:
        sources: The counts.
        options: What to learn.
        on_progress: See `OnProgress`; there is no phase `"read"`.

    Raises:
        ArgumentError: The counts cannot be added up, or `options` need others.
        VocabError: A count file is damaged.
    """
    check(described(sources), options)
    options.warn()
    return learn(load(sources), options, on_progress, recorded_pipeline(sources))


def check(what: Description, options: TrainOptions) -> None:
    """Refuse counts that are not those that options need; warn of what may differ.

    Raises:
        ArgumentError: The level or the pattern is another.
    """
    if options.level != what.level:
        raise ArgumentError(
            f"is {options.level!r}, but the counts are of level {what.level!r}", parameter="level"
        )
    if not what.has_pattern(options.pattern or ""):
        if options.init is not None:
            raise ArgumentError(
                f"the vocabulary that is extended has the pattern {options.pattern!r}, but the "
                f"counts were made with {what.pattern!r}",
                hint="count again with its pattern",
            )
        raise ArgumentError(
            f"is {options.pattern!r}, but the counts were made with {what.pattern!r}",
            parameter="pattern",
            hint=Suggestion("leave {pattern} out, or count again with it"),
        )
    new = [text for text in options.special_tokens if text not in what.special_tokens]
    if new:
        warnings.warn(
            f"the counts were made without the special token {new[0]!r}: where the corpus has its "
            "text, it was counted as text",
            BpeToolWarning,
            stacklevel=2,
        )
    if what.unicode != _core.UNICODE_VERSION:
        warnings.warn(
            f"the counts were made with Unicode {what.unicode}, but this version has "
            f"{_core.UNICODE_VERSION}",
            BpeToolWarning,
            stacklevel=2,
        )
