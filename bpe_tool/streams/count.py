"""Counts the ids that sources would be encoded to, with several vocabularies at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from bpe_tool._core import DocumentEncoder
from bpe_tool.errors import BpeToolError
from bpe_tool.io.documents import NDJSON_TERMINATOR, OnSkip, TextBlock, documents
from bpe_tool.io.sources import OnRead, Source
from bpe_tool.streams.encode import Encoding


class Counted(NamedTuple):
    """How much is in a source.

    Attributes:
        name: The name of the source.
        bytes: The number of bytes of its text.
        tokens: The number of ids with each vocabulary.
    """

    name: str
    bytes: int
    tokens: tuple[int, ...]


def count(
    sources: Sequence[Source],
    encodings: Sequence[Encoding],
    *,
    on_read: OnRead | None = None,
    on_skip: OnSkip | None = None,
) -> Iterator[Counted]:
    """Yield what is in each source. Each is read once.

    Args:
        sources: The inputs.
        encodings: How to encode them, each with another vocabulary and the same unit.
        on_read: See `Source.blocks`.
        on_skip: See `documents`.

    Raises:
        BpeToolError: A source cannot be encoded. The message names it.
        OSError: A source cannot be read.
    """
    for source in sources:
        unit = encodings[0].unit.of(source)
        encoders = [replace(encoding, unit=unit).encoder() for encoding in encodings]
        tokens = [0] * len(encoders)
        size = 0
        blocks = documents(source, unit, on_read=on_read, on_skip=on_skip)
        for block in chain(blocks, [None]):
            if block is not None:
                size += len(block.text)
                if unit.field is not None:
                    size -= block.text.count(NDJSON_TERMINATOR)
            for index, encoder in enumerate(encoders):
                # The errors of reading name the source, those of encoding do not.
                try:
                    tokens[index] += _id_count(encoder, block)
                except BpeToolError as error:
                    raise error.at(source.name) from None
        yield Counted(source.name, size, tuple(tokens))


def _id_count(encoder: DocumentEncoder, block: TextBlock | None) -> int:
    """Give a block, or the end of a source; return how many ids come out."""
    if block is None:
        encoder.give_end()
    else:
        encoder.give(block.text, block.skipped)
    count = 0
    while (records := encoder.take(0)) is not None:
        count += records.id_count
    return count
