"""Reduces a vocabulary to the tokens that a corpus uses."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bpe_tool import _core, checks
from bpe_tool.errors import BpeToolError
from bpe_tool.io.documents import Unit, documents, whole_records
from bpe_tool.io.sources import OnRead, Source
from bpe_tool.streams.count_pretokens import CountOptions, count_sources, new_counter
from bpe_tool.streams.count_texts import batches, count_texts
from bpe_tool.texts import Text
from bpe_tool.vocab.files import Opened, tokens


class TrimmedVocab(NamedTuple):
    """A vocabulary that was just trimmed.

    Attributes:
        opened: The vocabulary, with the settings of the old one.
        old_ids: The id in the old vocabulary of each id: an array of signed 64-bit numbers.
        size: The number of tokens, without entries that only hold places.
        tokens_before: How many tokens the corpus took in the old vocabulary.
        tokens_after: How many it takes now.
    """

    opened: Opened
    old_ids: array[int]
    size: int
    tokens_before: int
    tokens_after: int


def trim(
    old: Opened,
    counts: _core.PretokenCounts,
    vocab_size: int | None,
    *,
    freeze_ids: bool = False,
) -> TrimmedVocab:
    """Reduce a vocabulary to what the corpus of `counts` uses; see `bpe_tool.trim`."""
    core, old_ids, before = _core.trim(old.core, counts, vocab_size, freeze_ids)
    settings, size = old.settings.without_ids(), len(core)
    if freeze_ids:
        settings = old.settings
        size -= len(tokens(old.core).items() - tokens(core).items())
    return TrimmedVocab(
        Opened(core, settings),
        array("q", memoryview(old_ids).cast("I")),
        size,
        before,
        _core.count_tokens(core, counts),
    )


def count_sources_for(
    core: _core.Tokenizer,
    sources: Sequence[Source],
    unit: Unit,
    *,
    threads: int = 0,
    max_pretoken_bytes: int = checks.MAX_PRETOKEN_BYTES,
    on_read: OnRead | None = None,
) -> _core.PretokenCounts:
    """Count the pretokens of sources as the model of a vocabulary gets them.

    The text of added tokens is not counted.

    Raises:
        BpeToolError: A source or a record is not valid. The message names it.
        OSError: A source cannot be read.
    """
    if not core.changes_text:
        done = 0

        def on_progress(phase: str, size: int, total: int | None) -> None:
            nonlocal done
            if on_read is not None:
                on_read(size - done)
            done = size

        counter, _ = count_sources(
            sources,
            unit,
            _options(core),
            threads=threads,
            max_pretoken_bytes=max_pretoken_bytes,
            on_progress=on_progress,
        )
        return counter.finish()
    counter = new_counter(CountOptions(pattern="none"), None, 1)
    for source in sources:
        for batch in _records(source, unit.of(source), on_read):
            try:
                counter.feed_for(core, batch)
            except BpeToolError as error:
                raise error.at(source.name) from None
    return counter.finish()


def count_texts_for(
    core: _core.Tokenizer, texts: Iterable[Text], threads: int = 0
) -> _core.PretokenCounts:
    """Count the pretokens of texts; see `count_sources_for`."""
    if not core.changes_text:
        counter, _ = count_texts(texts, _options(core), threads=threads)
        return counter.finish()
    counter = new_counter(CountOptions(pattern="none"), None, 1)
    for batch in batches(texts):
        counter.feed_for(core, batch)
    return counter.finish()


def _options(core: _core.Tokenizer) -> CountOptions:
    return CountOptions(
        pattern=core.pattern, special_tokens=(*core.special_tokens, *core.added_tokens)
    )


def _records(source: Source, unit: Unit, on_read: OnRead | None) -> Iterator[list[bytes]]:
    """Yield the records of a source in batches."""
    blocks = (block.text for block in documents(source, unit, on_read=on_read))
    if unit.terminator is None:
        yield [b"".join(blocks)]
        return
    for block in whole_records(blocks, unit.terminator):
        yield block.split(unit.terminator)
