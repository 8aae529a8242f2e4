"""Encodes streams of records: text in, ids out.

A source at a time, a block at a time; memory does not grow with the input. Record n in
is record n out. If the last record of the last source lacks its terminator, so does
the last record out; earlier sources' last records are terminated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bpe_tool import _core
from bpe_tool.documents import Block, OnSkip, Unit, documents
from bpe_tool.errors import BpeToolError
from bpe_tool.frame import Frame
from bpe_tool.records import END_BYTES, OFFSETS_BYTES, Records, pack_ids, pack_positions
from bpe_tool.sinks import IdSink
from bpe_tool.sources import BLOCK_BYTES, OnRead, Source

#: So much of a block is for each thread. What a near memory holds is faster than 8 MiB, of
#: which every byte, and every id made of it, is touched for the first time.
THREAD_BYTES = 512 * 1024


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How text becomes ids; see `_core.DocumentEncoder`."""

    tokenizer: _core.Tokenizer
    unit: Unit
    frame: Frame
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
            before=self.frame.before,
            after=self.frame.after,
        )


def encode(
    sources: Sequence[Source],
    encoding: Encoding,
    sink: IdSink,
    *,
    texts: Iterable[tuple[Source, Iterator[Block]]] | None = None,
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
    encoder = encoding.encoder()
    if texts is None:
        size = min(BLOCK_BYTES, THREAD_BYTES * encoder.threads)
        texts = (
            (
                source,
                documents(
                    source, encoding.unit, block_bytes=size, on_read=on_read, on_skip=on_skip
                ),
            )
            for source in sources
        )
    for source, blocks in texts:
        for records in _encoded(source.name, blocks, encoding, encoder, bare=sink.keeps_boundaries):
            if records.unterminated and source is not sources[-1]:
                records = replace(records, unterminated=False)
            sink.write(records)
    sink.finish()
    return encoder.special_tokens_in_text


def _encoded(
    name: str,
    blocks: Iterator[Block],
    encoding: Encoding,
    encoder: _core.DocumentEncoder,
    *,
    bare: bool,
) -> Iterator[Records]:
    """Encode one source. If `bare`, skipped records get no frame."""
    done = 0
    for block in blocks:
        without_frame = block.skipped if bare else ()
        if not block.text:
            yield _without_text(block, encoding, Frame() if without_frame else encoding.frame)
            continue
        try:
            ids, ends, offsets = encoder.feed(block.text, without_frame)
        except BpeToolError as error:
            raise error.at(_place(name, done, block.text, encoding)) from None
        done += len(ends) // END_BYTES
        yield Records(ids, ends, offsets, block.skipped, block.unterminated)
    try:
        ids, ends, offsets = encoder.finish()
    except BpeToolError as error:
        raise error.at(_place(name, done, b"", encoding)) from None
    # A document that only the end of the source ended had no terminator.
    yield Records(ids, ends, offsets, unterminated=encoding.unit.terminator is not None)


def _without_text(block: Block, encoding: Encoding, frame: Frame) -> Records:
    """Return a record that is nothing but its frame: to the core it would be no document."""
    ids = [*frame.before, *frame.after]
    offsets = bytes(OFFSETS_BYTES * len(ids)) if encoding.offsets else b""
    return Records(pack_ids(ids), pack_positions([len(ids)]), offsets, block.skipped)


def _place(name: str, done: int, text: bytes, encoding: Encoding) -> str:
    """Return the record in which encoding `text`, which follows `done` records, failed.

    Each record is tried on its own, of the first what is in `text`. If all are fine, it
    was the one that began before.
    """
    terminator = encoding.unit.terminator
    if terminator is None:
        return name
    number = done + 1
    for index, record in enumerate(text.split(terminator), start=done + 1):
        encoder = encoding.encoder()
        try:
            encoder.feed(record)
            encoder.finish()
        except BpeToolError:
            number = index
            break
    return f"{name}: {encoding.unit.record} {number}"
