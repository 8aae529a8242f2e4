"""Counts the pretokens of streams of documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from bpe_tool import _core, checks
from bpe_tool.errors import ArgumentError, BpeToolError, Suggestion
from bpe_tool.io.documents import NDJSON_TERMINATOR, OnSkip, TextBlock, Unit, documents
from bpe_tool.io.sources import Source, total_size

if TYPE_CHECKING:
    from bpe_tool.streams.preprocess import StreamPreprocessor

Level: TypeAlias = Literal["byte", "char", "word"]

#: The default pattern of each level. For `char` and `word` it is the only one allowed: it
#: defines their units.
PATTERNS: Mapping[Level, str] = {"byte": "cl100k", "char": "(?s:.)", "word": "whitespace"}


@dataclass(frozen=True, kw_only=True)
class CountOptions:
    """What to count.

    Attributes:
        pattern: A name or a regex. By default that of the level in `PATTERNS`.
        special_tokens: Texts that are cut out of the corpus first.
        level: What the counts are for: `byte` for merges, `char` and `word` for lists.

    Raises:
        ArgumentError: An option is out of range, or two contradict each other.
    """

    pattern: str | None = None
    special_tokens: tuple[str, ...] = ()
    level: Level = "byte"

    def __post_init__(self) -> None:
        specials = checks.strings("special_tokens", self.special_tokens)
        for text in specials:
            checks.plain("special_tokens", text)
        object.__setattr__(self, "special_tokens", specials)
        object.__setattr__(self, "pattern", pattern_of(self.level, self.pattern))
        _core.pattern_splits(self.pattern or "")
        new_counter(self, None, 1)


def pattern_of(level: Level, pattern: str | None) -> str:
    """Return the pattern to count with at a level.

    Raises:
        ArgumentError: The level defines another one.
    """
    if pattern is not None:
        checks.plain("pattern", pattern)
    checks.choice("level", level, get_args(Level))
    default = PATTERNS[level]
    if level != "byte" and pattern not in (None, default):
        raise ArgumentError(
            f"level {level!r} defines its own pattern", hint=Suggestion("leave {pattern} out")
        )
    return default if pattern is None else pattern


def new_counter(
    options: Any,  # noqa: ANN401 - of counting or training
    terminator: bytes | None,
    threads: int,
    max_pretoken_bytes: int = checks.MAX_PRETOKEN_BYTES,
) -> _core.PretokenCounter:
    """Make a counter of the pretokens that `options` define."""
    return _core.PretokenCounter(
        options.pattern or "",
        special_tokens=options.special_tokens,
        terminator=terminator,
        threads=threads,
        max_pretoken_bytes=max_pretoken_bytes,
    )


def count_sources(
    sources: Sequence[Source],
    unit: Unit,
    options: Any,  # noqa: ANN401 - of counting or training
    *,
    preprocessing: StreamPreprocessor | None = None,
    threads: int = 0,
    max_pretoken_bytes: int = checks.MAX_PRETOKEN_BYTES,
    on_progress: Callable[[Literal["read"], int, int | None], object] | None = None,
    on_skip: OnSkip | None = None,
    after_block: Callable[[_core.PretokenCounter], object] | None = None,
) -> tuple[_core.PretokenCounter, int]:
    """Count the pretokens of the documents of sources; see `bpe_tool.streams.train.train`.

    `after_block` is called after each block.

    Returns:
        The counter, and how many of the documents that it has counted are empty stand-ins for
        skipped records, or parts of a document that special tokens were cut out of.
    """
    ends = [unit.of(source).terminator for source in sources]
    if preprocessing is not None:
        ends = [preprocessing.preprocessor.terminator_of(unit.of(source)) for source in sources]
    # Documents of records can be counted one by one, if text has another terminator.
    terminator = next((each for each in ends if each != NDJSON_TERMINATOR), NDJSON_TERMINATOR)
    counter = new_counter(options, terminator, threads, max_pretoken_bytes)
    total = total_size(sources)
    done = 0

    def on_read(size: int) -> None:
        nonlocal done
        done += size
        if on_progress is not None:
            on_progress("read", done, total)

    texts: Iterable[tuple[Source, Iterator[TextBlock]]]
    if preprocessing is None:
        texts = (
            (source, documents(source, unit, on_read=on_read, on_skip=on_skip))
            for source in sources
        )
    else:
        texts = replace(preprocessing, on_read=on_read).documents(sources)
    skipped = 0
    for (source, blocks), end in zip(texts, ends, strict=True):
        apart = end == NDJSON_TERMINATOR != terminator
        for block in blocks if not apart else _in_whole_documents(blocks):
            skipped += len(block.skipped) + block.cuts
            with _locating(source.name):
                if apart:
                    counter.feed_documents(block.text.split(NDJSON_TERMINATOR)[:-1])
                else:
                    counter.feed(block.text)
            if after_block is not None:
                after_block(counter)
        with _locating(source.name):
            counter.end_stream()
    return counter, skipped


def _in_whole_documents(blocks: Iterable[TextBlock]) -> Iterator[TextBlock]:
    """Yield blocks of records that each end with a document."""
    begun: list[bytes] = []
    for block in blocks:
        begun.append(block.text)
        if block.text.endswith(NDJSON_TERMINATOR):
            yield block._replace(text=b"".join(begun))
            begun = []
    if any(begun):
        yield TextBlock(b"".join([*begun, NDJSON_TERMINATOR]))


@contextmanager
def _locating(name: str) -> Iterator[None]:
    """Make errors of the core name the source they are about."""
    try:
        yield
    except BpeToolError as error:
        raise error.at(name) from None
