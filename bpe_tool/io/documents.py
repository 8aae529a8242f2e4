"""What one document of an input is, and the inputs' text in terms of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from bpe_tool import _core
from bpe_tool.errors import DataError
from bpe_tool.io.sources import BLOCK_BYTES, OnRead, OnWait, Source

#: Ends the texts of NDJSON records: a byte that no UTF-8 text holds.
NDJSON_TERMINATOR = b"\xff"

#: So many documents end in a block at most. Each takes memory, even if it has no text.
MOST_RECORDS = 1 << 16

#: Called with an error for each record that is skipped.
OnSkip: TypeAlias = Callable[[DataError], object]


@dataclass(frozen=True)
class Unit:
    """What one document is. Without arguments: each input is one.

    Attributes:
        terminator: What ends a document in the blocks of `documents`; `None` if an input
            is one document. The last document of an input may lack it.
        field: The field of NDJSON records that holds the document, if they are such.
    """

    terminator: bytes | None = None
    field: str | None = None

    @classmethod
    def ndjson(cls, field: str) -> Unit:
        """Take a string field of each NDJSON record as a document."""
        return cls(NDJSON_TERMINATOR, field)

    @property
    def record_terminator(self) -> bytes | None:
        """What ends a record of the input; `None` if an input is one record."""
        return b"\n" if self.field is not None else self.terminator

    @property
    def record(self) -> str:
        """What messages call one record of the input."""
        return "line" if self.field is not None or self.terminator == b"\n" else "record"


class TextBlock(NamedTuple):
    """A stretch of a source's text.

    Attributes:
        text: Documents as the unit's terminator ends them. It may begin and end within one.
        skipped: Which of the documents that end in it are empty stand-ins for records
            without text. (Then none is cut by the block.)
        unterminated: Whether the last record lacked its terminator in the input although
            it has one here. (NDJSON only; elsewhere the text itself tells.)
    """

    text: bytes
    skipped: tuple[int, ...] = ()
    unterminated: bool = False


def documents(
    source: Source,
    unit: Unit,
    *,
    block_bytes: int | None = None,
    on_read: OnRead | None = None,
    on_wait: OnWait | None = None,
    on_skip: OnSkip | None = None,
) -> Iterator[TextBlock]:
    """Yield a source's documents in blocks, for a consumer that knows `unit.terminator`.

    Args:
        source: The input.
        unit: What a document is.
        block_bytes: See `Source.blocks`.
        on_read: See `Source.blocks`.
        on_wait: See `Source.blocks`.
        on_skip: Called for each record that is not valid. It then counts as empty, as does
            `null`, the mark of a record that was skipped before.

    Raises:
        DataError: A record is not valid, without `on_skip`; see also `Source.blocks`.
        OSError: See `Source.blocks`.
    """
    blocks = source.blocks(on_read, block_bytes, on_wait)
    if unit.terminator is None:
        return map(TextBlock, blocks)
    if unit.field is None:
        return map(TextBlock, bounded(blocks, unit.terminator))
    return _ndjson_texts(blocks, source.name, unit.field, on_skip)


def bounded(blocks: Iterable[bytes], terminator: bytes) -> Iterator[bytes]:
    """Cut blocks in which more than `MOST_RECORDS` records end."""
    for block in blocks:
        cuts = _core.record_cuts(block, terminator, MOST_RECORDS)
        for start, end in pairwise([0, *cuts, len(block)]):
            yield block[start:end]


def whole_records(blocks: Iterable[bytes], terminator: bytes) -> Iterator[bytes]:
    """Cut blocks anew so that each ends with `terminator`, but for the last perhaps.

    No more than `MOST_RECORDS` records, and one, end in a block.
    """
    begun: list[bytes] = []
    # The end of what has begun, of which the terminator may be made in part.
    tail = b""
    for block in bounded(blocks, terminator):
        data = tail + block
        if len(terminator) == 1:
            cut = data.rfind(terminator) + 1
        else:
            # From the left, as the terminator may overlap with itself.
            cut = len(data) - len(data.split(terminator)[-1])
        if cut:
            yield b"".join([*begun, data[:cut]])
            begun = []
        rest = max(cut, len(data) - len(terminator) + 1)
        begun.append(data[cut:rest])
        tail = data[rest:]
    begun.append(tail)
    if any(begun):
        yield b"".join(begun)


def _ndjson_texts(
    blocks: Iterable[bytes], name: str, field: str, on_skip: OnSkip | None
) -> Iterator[TextBlock]:
    from bpe_tool.io import ndjson

    line = 0
    for block in whole_records(blocks, b"\n"):
        unterminated = not block.endswith(b"\n")
        lines = block.split(b"\n") if unterminated else block[:-1].split(b"\n")
        texts: list[bytes] = []
        skipped: list[int] = []
        for record in lines:
            line += 1
            found = None
            try:
                found = ndjson.find(record, field)
            except DataError as error:
                located = error.at(f"{name}: line {line}")
                if on_skip is None:
                    raise located from None
                on_skip(located)
            if found is None:
                skipped.append(len(texts))
            text = found.text.encode() if found else b""
            if len(text) > BLOCK_BYTES:
                # It is not copied as a whole again, nor is all that becomes of it held at once.
                if texts:
                    yield TextBlock(NDJSON_TERMINATOR.join([*texts, b""]), tuple(skipped))
                texts, skipped = [], []
                last = (len(text) - 1) // BLOCK_BYTES * BLOCK_BYTES
                for start in range(0, last, BLOCK_BYTES):
                    yield TextBlock(text[start : start + BLOCK_BYTES])
                text = text[last:]
            texts.append(text)
        texts.append(b"")
        yield TextBlock(NDJSON_TERMINATOR.join(texts), tuple(skipped), unterminated)
