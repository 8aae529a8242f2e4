"""Encodes streams of records: text in, ids out.

A source at a time, a block at a time; memory does not grow with the input. Record n in
is record n out. If the last record of the last source lacks its terminator, so does
the last record out; earlier sources' last records are terminated.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from bpe_tool import _core
from bpe_tool.errors import BpeToolError
from bpe_tool.io.documents import OnSkip, TextBlock, Unit, documents
from bpe_tool.io.id_writers import IdSink
from bpe_tool.io.records import Records
from bpe_tool.io.sources import BLOCK_BYTES, OnRead, Source
from bpe_tool.io.template import Template

#: So much of a block is for each thread. What a near memory holds is faster than 8 MiB, of
#: which every byte, and every id made of it, is touched for the first time.
THREAD_BYTES = 512 * 1024

#: So many blocks are under way at most: threads work on one or two, while another is read, and
#: one before them written.
AHEAD = 2


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How text becomes ids; see `_core.DocumentEncoder`."""

    tokenizer: _core.Tokenizer
    unit: Unit
    template: Template
    special: str = "text"
    count_special: bool = False
    offsets: bool = False
    threads: int = 0
    max_pretoken_bytes: int

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
        encoding: How.
        sink: Where the ids go.
        texts: What to encode in place of the documents of each source, such as what a
            pipeline makes of them. A block without text is then a document without text.
        on_read: See `Source.blocks`.
        on_skip: Called for each record that is skipped. Without, the first one is an error.

    Returns:
        How often the text of a special token was met and taken as text, if that is counted.

    Raises:
        BpeToolError: Naming the source and the record.
        OSError: A source cannot be read, or the sink not be written.
    """
    stream = _Stream(encoding, sink)
    # Of what is made of a pipe's text elsewhere nobody says when it has to wait for more.
    ahead = texts is None or all(source.size is not None for source in sources)
    if texts is None:
        texts = (
            (
                source,
                documents(
                    source,
                    encoding.unit,
                    block_bytes=stream.block_bytes,
                    on_read=on_read,
                    on_wait=stream.write,
                    on_skip=on_skip,
                ),
            )
            for source in sources
        )
    try:
        for source, blocks in texts:
            for block in chain(blocks, [None]):
                stream.give(_Given(source.name, block, source is sources[-1]))
                stream.write(AHEAD * stream.block_bytes if ahead else 0)
    except Exception:
        # The blocks that were read before it are not lost.
        stream.write()
        raise
    stream.write()
    sink.finish()
    return stream.special_tokens_in_text


@dataclass(frozen=True, slots=True)
class _Given:
    """A block of a source, or the source's end, that the core was given.

    Attributes:
        name: The source.
        block: The block. `None` for the end.
        last: Whether the source is the last one.
    """

    name: str
    block: TextBlock | None
    last: bool


class _Stream:
    """Blocks of text in, records of ids into a sink, some blocks later.

    Attributes:
        block_bytes: How large a block should be.
    """

    def __init__(self, encoding: Encoding, sink: IdSink) -> None:
        self._encoding = encoding
        self._sink = sink
        self._encoder = encoding.encoder()
        self._under_way: deque[_Given] = deque()
        # How many records of the source at hand are written.
        self._done = 0
        self._failed = False
        self.block_bytes = min(BLOCK_BYTES, THREAD_BYTES * self._encoder.threads)

    @property
    def special_tokens_in_text(self) -> int:
        """How often one was met as text so far, if that is counted."""
        return self._encoder.special_tokens_in_text

    def give(self, given: _Given) -> None:
        """Give what comes next."""
        self._under_way.append(given)
        if given.block is None:
            self._encoder.give_end()
        else:
            self._encoder.give(given.block.text, self._bare(given.block))

    def write(self, most: int = 0) -> None:
        """Write what became of the next blocks, until no more than `most` bytes are under way.

        Does nothing after an error.

        Raises:
            BpeToolError: Naming the source and the record.
            OSError: The sink cannot be written.
        """
        if self._failed:
            return
        self._failed = True
        while (records := self._take(most)) is not None:
            self._sink.write(self._marked(self._under_way.popleft(), records))
        self._failed = False

    def _take(self, most: int) -> Records | None:
        try:
            return self._encoder.take(most)
        except BpeToolError as error:
            raise error.at(self._place(self._under_way[0])) from None

    def _bare(self, block: TextBlock) -> tuple[int, ...]:
        """Return which of the records that end in a block get no template."""
        return block.skipped if self._sink.keeps_boundaries else ()

    def _marked(self, given: _Given, records: Records) -> Records:
        """Return what became of a block, with what is known of its records."""
        block = given.block
        if block is None:
            self._done = 0
            # A document that only the end of the source ended had no terminator.
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
        """Return the record in which encoding what was given failed.

        Each record is tried on its own, of the first what is in the block. If all are fine,
        it was the one that began before.
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
    """Return a record that is nothing but its template: to the core it would be no document."""
    ids = [*template.before, *template.after]
    offsets = [0, 0] * len(ids) if encoding.offsets else []
    return Records(
        array("I", ids), array("q", [len(ids)]), array("q", offsets), skipped=block.skipped
    )
