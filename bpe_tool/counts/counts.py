"""Pretoken counts as a value."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from numbers import Rational
from typing import TYPE_CHECKING, Any, final

from bpe_tool import checks
from bpe_tool.counts import making, stored, training
from bpe_tool.counts.description import Description, Totals
from bpe_tool.counts.stored import MemoryFile, StoredCounts
from bpe_tool.errors import ArgumentError, ArgumentTypeError
from bpe_tool.io.documents import unit_of
from bpe_tool.io.files import expand, selection_of
from bpe_tool.streams.count_pretokens import CountOptions, Level
from bpe_tool.streams.count_texts import count_texts
from bpe_tool.streams.train import Alphabet, OnProgress, TrainOptions
from bpe_tool.texts import Text
from bpe_tool.tokenizer import Tokenizer
from bpe_tool.train import opened_to_extend, tokenizer_of

if TYPE_CHECKING:
    from bpe_tool.preprocess.pipeline import Pipeline


@final
class Counts:
    """How often each pretoken of a corpus occurs: what a vocabulary is learned from.

    Parts of a corpus can be counted anywhere; the sum of their counts is what counting all of it
    at once gives. Immutable, picklable, and compressed in memory.

    Make them with `count`, `count_files`, `load` or `merge`. `len` is the number of distinct
    pretokens; iterating yields them in order of their bytes, each with its count.

    >>> counts = Counts.count(["a rose is a rose"]) + Counts.count(["is a rose"])
    >>> counts.top(2), len(counts), counts.total
    ([(b' rose', 3), (b' a', 2)], 5, 8)
    """

    __slots__ = ("stored",)

    def __init__(self, stored: StoredCounts) -> None:
        checks.instance("stored", stored, StoredCounts, "what `count` or `load` makes")
        self.stored = stored

    @classmethod
    def count(
        cls,
        texts: Iterable[Text],
        *,
        pattern: str | None = None,
        special_tokens: Iterable[str] = (),
        level: Level = "byte",
        pipeline: Pipeline | None = None,
        threads: int = 0,
    ) -> Counts:
        """Count the pretokens of texts. Each text is one document.

        Args:
            texts: The documents, `str` or `bytes`. They are read once, some ahead while others
                are counted, and not kept in memory.
            pattern: How text is split into pretokens: the name of a pattern, or a regex.
                Default: `cl100k`. The levels `char` and `word` define their own pattern.
            special_tokens: Texts that will be one token each, and are not counted.
            level: What the counts are for: see `train_vocab`.
            pipeline: A pipeline that preprocesses each document first; see `train_vocab`.
            threads: Number of threads; 0 uses every CPU available to the process.

        Raises:
            As `train_vocab`.
        """
        threads = checks.whole("threads", threads, most=checks.MAX_THREADS)
        options = _options(pattern, special_tokens, level, pipeline)
        counter, cuts = count_texts(texts, options, pipeline=pipeline, threads=threads)
        return cls(making.kept(counter.finish(), cuts, options, pipeline))

    @classmethod
    def count_files(
        cls,
        paths: Iterable[str | os.PathLike[str]],
        *,
        lines: bool = False,
        separator: str | bytes | None = None,
        ndjson: str | None = None,
        column: str | None = None,
        binary: bool = False,
        pattern: str | None = None,
        special_tokens: Iterable[str] = (),
        level: Level = "byte",
        pipeline: Pipeline | None = None,
        threads: int = 0,
    ) -> Counts:
        """Count the pretokens of files. By default, each file is one document.

        Args:
            paths: Files, directories and globs, as for `train_vocab_from_files`; none twice.
            lines: See `train_vocab_from_files`.
            separator: See `train_vocab_from_files`.
            ndjson: See `train_vocab_from_files`.
            column: See `train_vocab_from_files`.
            binary: See `train_vocab_from_files`.
            pattern: See `count`, as for all arguments below.
            special_tokens: See `count`.
            level: See `count`.
            pipeline: See `count`. The files must then be UTF-8.
            threads: See `count`.

        Raises:
            As `train_vocab_from_files`.
        """
        threads = checks.whole("threads", threads, most=checks.MAX_THREADS)
        options = _options(pattern, special_tokens, level, pipeline)
        unit = unit_of(lines=lines, separator=separator, ndjson=ndjson, column=column)
        selection = selection_of(unit, binary=binary, refused="binary")
        names = checks.files("paths", paths)
        preprocessing = None
        if pipeline is not None:
            from bpe_tool.streams.preprocess import cutting

            preprocessing = cutting(pipeline, unit, options.special_tokens)
        counted = making.count(
            expand(names, selection), unit, options, preprocessing=preprocessing, threads=threads
        )
        return cls(
            making.kept(
                counted.counter.finish(), counted.skipped, options, pipeline, counted.inputs
            )
        )

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Counts:
        """Read a count file.

        Raises:
            VocabError: It is no count file, or damaged; the message says where.
            OSError: It cannot be read.
        """
        found = StoredCounts.open(checks.path("path", path))
        blocks = tuple(block for _, block in found.file.blocks())
        return cls(replace(found, file=MemoryFile(blocks, found.file.path)))

    @classmethod
    def merge(
        cls, counts: Iterable[Counts], weights: Iterable[Rational | float] | None = None
    ) -> Counts:
        """Add up any number of counts in one pass, in any order.

        Args:
            counts: The counts; at least one.
            weights: What to multiply each by, such as 3, 0.7 or `Fraction(7, 10)`; a float means
                the decimal number that it is written as. The exact sum for a pretoken is rounded
                once, a half to the even number. Those that become 0 are left out.

        Raises:
            ArgumentError: They differ in pattern, level, Unicode version, special tokens or
                pipeline, or two of them have counted the same file.
            LimitError: A sum is above 2^63 - 1.
        """
        parts = []
        for row, each in enumerate(checks.several("counts", counts, "several Counts")):
            if not isinstance(each, Counts):
                raise ArgumentTypeError(
                    f"is {checks.shown(each)}: expected Counts",
                    parameter="counts",
                    item=f"item {row}",
                )
            parts.append(each.stored)
        if not parts:
            raise ArgumentError("is empty", parameter="counts")
        if weights is not None:
            numbers = list(map(_weight, checks.several("weights", weights, "several numbers")))
            if len(numbers) != len(parts):
                raise ArgumentError(
                    f"has {len(numbers)} items for {len(parts)} counts", parameter="weights"
                )
            parts = [
                replace(part, weight=weight) for part, weight in zip(parts, numbers, strict=True)
            ]
        return cls(stored.gather(parts))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a count file, atomically. Equal counts give equal bytes."""
        stored.merge([self.stored], checks.path("path", path))

    def train_vocab(
        self,
        *,
        vocab_size: int,
        special_tokens: Iterable[str] = (),
        min_frequency: int = 1,
        max_token_bytes: int | None = None,
        max_token_chars: int | None = None,
        whole_characters: bool = False,
        blocked_tokens: Iterable[Text] = (),
        allowed_tokens: Iterable[Text] | None = None,
        seed_tokens: Iterable[Text] = (),
        init: Tokenizer | None = None,
        superwords: int | None = None,
        prune: int = 0,
        alphabet: Alphabet = "byte",
        on_progress: OnProgress | None = None,
    ) -> Tokenizer:
        """Learn a vocabulary: the same as `train_vocab` from what was counted.

        Args:
            vocab_size: See `train_vocab`, as for all arguments.
            special_tokens: More special tokens than the counts have, or the same in another order.
            min_frequency: See `train_vocab`.
            max_token_bytes: See `train_vocab`.
            max_token_chars: See `train_vocab`.
            whole_characters: See `train_vocab`.
            blocked_tokens: See `train_vocab`.
            allowed_tokens: See `train_vocab`.
            seed_tokens: See `train_vocab`.
            init: See `train_vocab`. Its pattern must be that of the counts.
            superwords: See `train_vocab`. The pattern of the counts must be one with superwords,
                such as `cl100k-superwords`.
            prune: See `train_vocab`.
            alphabet: See `train_vocab`.
            on_progress: See `train_vocab`. There is no phase `"read"`.

        Raises:
            ArgumentError: An argument is out of range, or two contradict each other.
        """
        if on_progress is not None and not callable(on_progress):
            raise checks.wrong_type("on_progress", on_progress, "a function")
        what = self.stored.description
        given = checks.strings("special_tokens", special_tokens)
        options = TrainOptions(
            vocab_size=vocab_size,
            # A vocabulary to extend has its own pattern, perhaps by another name.
            pattern=what.pattern if init is None else None,
            special_tokens=training.special_tokens_of(what, given),
            min_frequency=min_frequency,
            max_token_bytes=max_token_bytes,
            max_token_chars=max_token_chars,
            whole_characters=whole_characters,
            blocked_tokens=blocked_tokens,
            allowed_tokens=allowed_tokens,
            seed_tokens=seed_tokens,
            init=opened_to_extend(init),
            superwords=superwords,
            prune=prune,
            alphabet=alphabet,
            level=what.level,
        )
        learned = training.train_from_counts([self.stored], options, on_progress)
        return tokenizer_of(learned)

    def top(self, n: int) -> list[tuple[bytes, int]]:
        """Return the most frequent pretokens with their counts, equal ones by their bytes."""
        return self.stored.top(checks.whole("n", n, most=checks.MAX_COUNT))

    def to_arrow(self) -> Any:  # noqa: ANN401 - a class of pyarrow, which is an extra
        """Return a `pyarrow.Table` with columns `pretoken` (binary) and `count` (int64).

        Raises:
            ArgumentError: The extra `arrow` is not installed.
        """
        from bpe_tool.counts.tables import arrow_table

        return arrow_table(self.stored)

    @property
    def description(self) -> Description:
        """What was counted: pattern, level, special tokens, pipeline, inputs."""
        return self.stored.description

    @property
    def totals(self) -> Totals:
        """Numbers of documents, bytes, pretokens and distinct pretokens."""
        return self.stored.totals

    @property
    def total(self) -> int:
        """The sum of all counts."""
        return self.stored.totals.pretokens

    def __len__(self) -> int:
        return self.stored.totals.unique_pretokens

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        return self.stored.records()

    def __add__(self, other: Counts) -> Counts:
        if not isinstance(other, Counts):
            return NotImplemented
        return Counts.merge([self, other])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Counts):
            return NotImplemented
        mine, others = self.stored, other.stored
        return (mine.description, mine.totals, list(self)) == (
            others.description,
            others.totals,
            list(other),
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return Counts, (self.stored,)

    def __repr__(self) -> str:
        totals = self.stored.totals
        return f"Counts({totals.unique_pretokens:,} distinct of {totals.pretokens:,} pretokens)"


def _options(
    pattern: str | None, special_tokens: Iterable[str], level: Level, pipeline: Pipeline | None
) -> CountOptions:
    if pipeline is not None:
        from bpe_tool.preprocess.pipeline import Pipeline

        checks.instance("pipeline", pipeline, Pipeline, "a Pipeline")
    specials = checks.strings("special_tokens", special_tokens)
    return CountOptions(pattern=pattern, special_tokens=specials, level=level)


def _weight(value: object) -> Fraction:
    """Return a weight as an exact number."""
    if isinstance(value, bool) or not isinstance(value, Rational | float):
        raise checks.wrong_type("weights", value, "numbers above 0")
    try:
        # The decimal number that a float is written as: 0.7 is 7/10.
        weight = Fraction(repr(float(value))) if isinstance(value, float) else Fraction(value)
    except ValueError:
        weight = Fraction(0)
    if not weight > 0:
        raise ArgumentError(f"has {checks.shown(value)}: it must be above 0", parameter="weights")
    return weight
