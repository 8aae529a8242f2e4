"""Encodes streams of records: text in, ids out.

Sources are read one after the other, block by block. Memory does not grow with the input. Record
n of the input is record n of the output. If the last record of the last source lacks its
terminator, so does the last record of the output; the last records of earlier sources get one.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bpe_tool import _core
from bpe_tool.errors import BpeToolError
from bpe_tool.io.atomic import AtomicFile
from bpe_tool.io.documents import OnSkip, TextBlock, Unit, documents
from bpe_tool.io.id_writers import IdSink, Output
from bpe_tool.io.records import Records
from bpe_tool.io.sources import BLOCK_BYTES, OnRead, Source
from bpe_tool.io.template import Template
from bpe_tool.texts import Special

if TYPE_CHECKING:
    from bpe_tool.io.alignment import Alignment

#: How much of a block each thread gets. Blocks that fit the processor's caches are faster than
#: blocks of 8 MiB, whose bytes and ids all come from new pages of memory.
THREAD_BYTES = 512 * 1024

#: How many blocks are in the core at most. While threads work on one or two of them, the next one
#: is read and the previous one written.
AHEAD = 2


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How text becomes ids. See `_core.DocumentEncoder` for the attributes."""

    tokenizer: _core.Tokenizer
    unit: Unit
    template: Template
    special: Special | Literal["marked"] = "text"
    count_special: bool = False
    offsets: bool = False
    threads: int = 0
    max_pretoken_bytes: int
    dropout: tuple[float, int, int, int] | None = None

    def encoder(self) -> _core.DocumentEncoder:
        """Make an encoder."""
        return _core.DocumentEncoder(
            self.tokenizer,
            terminator=self.unit.terminator,
            special=self.special,
            offsets=self.offsets,
            count_special=self.count_special,
            threads=self.threads,
            max_pretoken_bytes=self.max_pretoken_bytes,
            before=self.template.before,
            after=self.template.after,
            dropout=self.dropout,
        )


def encode(
    sources: Sequence[Source],
    encoding: Encoding,
    sink: IdSink,
    *,
    texts: Iterable[tuple[Source, Iterator[TextBlock]]] | None = None,
    on_read: OnRead | None = None,
    on_skip: OnSkip | None = None,
) -> int:
    """Encode sources into a sink.

    Args:
        sources: The inputs.
        encoding: How to encode them.
        sink: Where the ids go.
        texts: What to encode instead of the documents of each source, such as the output of a
            pipeline. In it, a block without text is an empty document.
        on_read: See `Source.blocks`.
        on_skip: Called for each record that is skipped. Without it, the first one is an error.

    Returns:
        How often the text of a special token was encoded as plain text, if that is counted.

    Raises:
        BpeToolError: A record cannot be encoded. The message names the source and the record.
        OSError: A source cannot be read, or the sink cannot be written.
    """
    streams = _Streams(encoding, sink)
    # `texts` has no `on_wait`: with a pipe, write each block before asking for the next.
    ahead = texts is None or all(source.size is not None for source in sources)
    if texts is None:
        texts = (
            (
                source,
                documents(
                    source,
                    encoding.unit,
                    block_bytes=streams.current.block_bytes,
                    on_read=on_read,
                    on_wait=streams.write,
                    on_skip=on_skip,
                ),
            )
            for source in sources
        )
    try:
        for source, blocks in texts:
            stream = streams.of(encoding.unit.of(source))
            for block in chain(blocks, [None]):
                stream.give(_Given(source.name, block, source is sources[-1]))
                stream.write(AHEAD * stream.block_bytes if ahead else 0)
    except Exception:
        # Write the blocks that were read before the error.
        streams.write()
        raise
    streams.write()
    sink.finish()
    return streams.special_tokens_in_text


def encode_each(
    sources: Sequence[Source],
    encoding: Encoding,
    targets: Sequence[Path],
    new_sink: Callable[[Output], IdSink],
    texts: Iterable[tuple[Source, Iterator[TextBlock]]] | None = None,
    *,
    on_read: OnRead | None = None,
    on_skip: OnSkip | None = None,
) -> int:
    """Encode each source into a file of its own, which is replaced when it is complete.

    Args:
        sources: The inputs.
        encoding: How to encode them.
        targets: The file for each.
        new_sink: Makes the sink of a file.
        texts: See `encode`, as for what follows, for what it returns and raises.
        on_read: See `encode`.
        on_skip: See `encode`.
    """
    met = 0
    given = None if texts is None else iter(texts)
    for source, target in zip(sources, targets, strict=True):
        own = replace(encoding, unit=encoding.unit.of(source))
        with AtomicFile(target) as output:
            some = None if given is None else [next(given)]
            met += encode(
                [source], own, new_sink(output), texts=some, on_read=on_read, on_skip=on_skip
            )
    return met


@dataclass(frozen=True, slots=True)
class _Given:
    """A block of a source, or the end of a source, that was given to the core.

    Attributes:
        name: The name of the source.
        block: The block; `None` for the end of the source.
        last: Whether the source is the last one.
    """

    name: str
    block: TextBlock | None
    last: bool


class _Streams:
    """The stream of the sources that are read now, and what those before it have met.

    Sources whose documents end differently need streams of their own.

    Attributes:
        current: The stream.
    """

    def __init__(self, encoding: Encoding, sink: IdSink) -> None:
        self._encoding = encoding
        self._sink = sink
        self._met = 0
        self.current = _Stream(encoding, sink)

    def of(self, unit: Unit) -> _Stream:
        """Return the stream for a source of this unit, after what is under way in another."""
        if unit.terminator != self._encoding.unit.terminator:
            self.write()
            self._met += self.current.special_tokens_in_text
            self._encoding = replace(self._encoding, unit=unit)
            self.current = _Stream(self._encoding, self._sink)
        return self.current

    def write(self) -> None:
        """Write what is under way."""
        self.current.write()

    @property
    def special_tokens_in_text(self) -> int:
        """See `_Stream.special_tokens_in_text`."""
        return self._met + self.current.special_tokens_in_text


class _Stream:
    """Takes blocks of text, and writes their ids to a sink some blocks later.

    Attributes:
        block_bytes: The size of a block.
    """

    def __init__(self, encoding: Encoding, sink: IdSink) -> None:
        self._encoding = encoding
        self._sink = sink
        self._encoder = encoding.encoder()
        self._under_way: deque[_Given] = deque()
        # How many records of the current source were written.
        self._done = 0
        # Where the documents came from whose ids are still to be written.
        self._alignments: deque[Alignment] = deque()
        self._failed = False
        self.block_bytes = min(BLOCK_BYTES, THREAD_BYTES * self._encoder.threads)

    @property
    def special_tokens_in_text(self) -> int:
        """How often a special token was encoded as plain text so far, if that is counted."""
        return self._encoder.special_tokens_in_text

    def give(self, given: _Given) -> None:
        """Give the next block, or the end of a source, to the core."""
        self._under_way.append(given)
        if given.block is None:
            self._encoder.give_end()
        else:
            self._encoder.give(given.block.text, self._bare(given.block))

    def write(self, most: int = 0) -> None:
        """Write the ids of the next blocks, until at most `most` bytes are left in the core.

        After an error, it does nothing.

        Raises:
            BpeToolError: A record cannot be encoded. The message names source and record.
            OSError: The sink cannot be written.
        """
        if self._failed:
            return
        self._failed = True
        while (records := self._take(most)) is not None:
            given = self._under_way.popleft()
            if given.block is not None and given.block.kept:
                self._sink.keep(given.block.kept)
            self._sink.write(self._marked(given, self._in_records(given, records)))
        self._failed = False

    def _take(self, most: int) -> Records | None:
        try:
            return self._encoder.take(most)
        except BpeToolError as error:
            raise error.at(self._place(self._under_way[0])) from None

    def _in_records(self, given: _Given, records: Records) -> Records:
        """Return records whose offsets are those in the text before preprocessing."""
        if given.block is not None and given.block.text:
            self._alignments.extend(given.block.alignments)
        if not self._alignments:
            return records
        from bpe_tool.io.alignment import in_record

        ends = array("q", records.ends)
        offsets = in_record(self._alignments, ends, records.offsets)
        for _ in ends:
            self._alignments.popleft()
        return Records(records.ids, ends, offsets)

    def _bare(self, block: TextBlock) -> tuple[int, ...]:
        """Return which of the records that end in a block get no template."""
        return block.skipped if self._sink.keeps_boundaries else ()

    def _marked(self, given: _Given, records: Records) -> Records:
        """Return the records of a block, marked with what its text does not show."""
        block = given.block
        if block is None:
            self._done = 0
            # A document that is ended by the end of the source has no terminator.
            records.unterminated = given.last and self._encoding.unit.terminator is not None
            return records
        if not block.text:
            template = Template() if self._bare(block) else self._encoding.template
            return _without_text(block, self._encoding, template)
        self._done += len(records)
        records.skipped = block.skipped
        records.unterminated = given.last and block.unterminated
        return records

    def _place(self, given: _Given) -> str:
        """Return the record that could not be encoded, as messages name it.

        Each record of the block is tried on its own. If all can be encoded, the error is in the
        first one, which began in an earlier block.
        """
        terminator = self._encoding.unit.terminator
        if terminator is None:
            return given.name
        number = self._done + 1
        text = given.block.text if given.block else b""
        for index, record in enumerate(text.split(terminator), start=number):
            encoder = self._encoding.encoder()
            try:
                encoder.give(record)
                encoder.give_end()
                while encoder.take(0) is not None:
                    pass
            except BpeToolError:
                number = index
                break
        return f"{given.name}: {self._encoding.unit.record} {number}"


def _without_text(block: TextBlock, encoding: Encoding, template: Template) -> Records:
    """Return an empty record with its template. To the core, no text is no document."""
    ids = [*template.before, *template.after]
    offsets = [0, 0] * len(ids) if encoding.offsets else []
    return Records(
        array("I", ids), array("q", [len(ids)]), array("q", offsets), skipped=block.skipped
    )
